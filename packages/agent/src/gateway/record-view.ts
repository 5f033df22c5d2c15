import { RemotingError, type CallerStamp, type ReplyOf, type RequestOf } from '@holdfast/protocol';
import type { GatewayContext } from './gateway-context.ts';
import type { HostLinks } from './host-links.ts';

/** What one caller may see of the record: their own rows, or all as an administrator. */
export class RecordView {
  readonly #gateway: Pick<GatewayContext, 'registry' | 'journals'>;
  readonly #caller: CallerStamp;

  constructor(gateway: Pick<GatewayContext, 'registry' | 'journals'>, caller: CallerStamp) {
    this.#gateway = gateway;
    this.#caller = caller;
  }

  /**
   * The rows that fit, with what the session hosts that `links` reach have recorded until now.
   * @throws RemotingError AccessDenied for rows of others
   */
  async list(request: RequestOf<'events.list'>, links: HostLinks): Promise<ReplyOf<'events.list'>> {
    const { user: own, roles } = this.#caller;
    const isAdministrator = roles.includes('administrator');
    if (!isAdministrator && request.user !== undefined && request.user !== own) {
      throw new RemotingError('AccessDenied', `The events of ${request.user} are not for ${own}`);
    }
    await this.#gateway.journals.refresh(links, isAdministrator ? undefined : own);
    return this.#gateway.registry.events(isAdministrator ? request : { ...request, user: own });
  }
}
