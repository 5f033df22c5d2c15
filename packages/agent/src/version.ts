/** The agent's version, as in package.json. */
export const VERSION = '0.1.0';

/** Content hash of the bundle; `dev` when run from source. */
export const BUILD_ID = process.env['HOLDFAST_BUILD_ID'] ?? 'dev';
