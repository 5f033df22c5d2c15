import { REQUESTS, type RequestType } from '@holdfast/protocol';

/** Every request of the protocol. */
export const REQUEST_TYPES = Object.keys(REQUESTS) as RequestType[];
