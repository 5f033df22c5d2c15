/** Encodes a length-prefixed string (RFC 4251, section 5). */
export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  const encoded = Buffer.allocUnsafe(4 + bytes.length);
  encoded.writeUInt32BE(bytes.length, 0);
  encoded.set(bytes, 4);
  return encoded;
}

/** Encodes a positive integer, big-endian, as the shortest mpint (RFC 4251, section 5). */
export function wireMpint(value: Uint8Array): Buffer {
  const digits = withoutLeadingZeros(value);
  const first = digits[0] ?? 0;
  if (first === 0) return wireString('');
  return wireString(first >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** The same number without zero bytes in front. */
export function withoutLeadingZeros(value: Uint8Array): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  return Buffer.from(first < 0 ? [] : value.subarray(first));
}

/** Reads SSH's binary encoding (RFC 4251, section 5). Every read throws SyntaxError where the bytes end too early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  readByte(): number {
    return this.readBytes(1).readUInt8(0);
  }

  readUint32(): number {
    return this.readBytes(4).readUInt32BE(0);
  }

  readUint64(): bigint {
    return this.readBytes(8).readBigUInt64BE(0);
  }

  /** @returns a view of the bytes, not a copy */
  readBytes(length: number): Buffer {
    if (length > this.left) {
      throw new SyntaxError(`SSH data ends at byte ${this.#bytes.length}, ${length - this.left} bytes too early`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** @returns a view of the string's bytes */
  readString(): Buffer {
    return this.readBytes(this.readUint32());
  }

  readText(): string {
    return this.readString().toString('utf8');
  }

  /** @returns the magnitude without leading zeros @throws SyntaxError for a negative number */
  readMpint(): Buffer {
    const bytes = this.readString();
    if ((bytes[0] ?? 0) >= 0x80) throw new SyntaxError('SSH data holds a negative number where none may be');
    return withoutLeadingZeros(bytes);
  }

  /** @throws SyntaxError when bytes are left */
  expectEnd(): void {
    if (this.left > 0) throw new SyntaxError(`SSH data has ${this.left} bytes too many`);
  }
}
