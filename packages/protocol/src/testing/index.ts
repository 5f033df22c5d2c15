export * from './session-fixture.ts';
export * from './transport-suite.ts';
