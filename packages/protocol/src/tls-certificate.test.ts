import { X509Certificate, createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTlsCertificate } from './tls-certificate.ts';

// That node:tls takes it on both ends is shown by the handshake's tests.
test('createTlsCertificate() makes a certificate that is its own issuer', () => {
  const { key, cert } = createTlsCertificate('agent', 3650);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.subject).toBe('CN=agent');
  expect(certificate.issuer).toBe('CN=agent');
  expect(certificate.checkHost('agent')).toBe('agent');
  const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(3649);
  expect(certificate.validFromDate.getTime()).toBeLessThan(Date.now());
  expect(new X509Certificate(createTlsCertificate('agent', 1).cert).serialNumber).not.toBe(certificate.serialNumber);
});
