/** Session configurations that hosts have told of: nobody is asked again, and what a host has now may be more. */
export class KnownConfigurations {
  readonly #names = new Map<string, readonly string[]>();

  keep(computerName: string, names: readonly string[]): void {
    this.#names.set(computerName.toLowerCase(), names);
  }

  of(computerName: string): readonly string[] {
    return this.#names.get(computerName.toLowerCase()) ?? [];
  }
}
