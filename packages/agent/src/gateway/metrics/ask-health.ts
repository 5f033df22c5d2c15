import { request, type RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';

/**
 * What a running gateway says of its health: `ok`, or what is wrong, in one line.
 * @param metrics as metricsUrl() shows it
 */
export async function askHealth(metrics: string, limitMs: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const place: RequestOptions = metrics.startsWith('unix:')
    ? { socketPath: metrics.slice('unix:'.length), path: '/healthz' }
    : urlToHttpOptions(new URL('/healthz', metrics));
  const asked = request({ ...place, signal: AbortSignal.timeout(limitMs) }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('end', () => resolve(text.trim()));
  });
  asked.on('error', (error) => resolve(`not known: ${error.message}`)).end();
  return promise;
}
