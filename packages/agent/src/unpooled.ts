/** A copy of `bytes` that keeps nothing else in memory, as small Buffers keep the pool that they are cut from. */
export function unpooled(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
