/** The part of ssh2 that reads private key files; loaded alone, since the whole of it takes twice the time. */
declare module 'ssh2/lib/protocol/keyParser.js' {
  type ParsedKey = { getPrivatePEM(): string | null };
  const keyParser: { parseKey(text: string, passphrase: string): ParsedKey | ParsedKey[] | Error };
  export default keyParser;
}
