import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import keyParser from 'ssh2/lib/protocol/keyParser.js';

// Runs in a thread of its own: the passphrase of an OpenSSH key is hashed for half a second on purpose.
const { text, passphrase } = workerData as { text: string; passphrase: string };
parentPort?.postMessage(decrypt());

function decrypt(): { privateKey: KeyObject } | { problem: string } {
  try {
    if (!text.includes('BEGIN OPENSSH')) return { privateKey: createPrivateKey({ key: text, passphrase }) };
    const parsed = keyParser.parseKey(text, passphrase);
    if (parsed instanceof Error) return { problem: parsed.message };
    const [key] = Array.isArray(parsed) ? parsed : [parsed];
    return { privateKey: createPrivateKey(key?.getPrivatePEM() ?? '') };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
