// Seals bytes so that only one operator at the stall can open them: HPKE base mode (RFC 9180) with P-256, HKDF-SHA256
// and AES-128-GCM, over the browser's own cryptography. Knows keys and bytes; refuses to know what is sealed.
(() => {
  "use strict";
  const pasar = (self.pasar = self.pasar || {});
  const CURVE = { name: "ECDH", namedCurve: "P-256" }, NONE = new Uint8Array(0);
  const subtle = self.crypto && crypto.subtle;

  const bytes = (text) => new TextEncoder().encode(text);
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
    return whole;
  };
  const KEM = joined(bytes("KEM"), [0, 16]), SUITE = joined(bytes("HPKE"), [0, 16, 0, 1, 0, 1]), VERSION = bytes("HPKE-v1");

  const hmac = async (key, message) => {
    const made = await subtle.importKey("raw", key.length ? key : new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", made, message));
  };
  const extract = (suite, salt, label, secret) => hmac(salt, joined(VERSION, suite, bytes(label), secret));
  // One block of HKDF-Expand: nothing asked for here is longer than a SHA-256.
  const expand = async (suite, key, label, info, length) =>
    (await hmac(key, joined([0, length], VERSION, suite, bytes(label), info, [1]))).slice(0, length);

  const encapsulate = async (receiver, pair) => {
    const enc = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
    const known = await subtle.importKey("raw", receiver, CURVE, false, []);
    const shared = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: known }, pair.privateKey, 256));
    const key = await extract(KEM, NONE, "eae_prk", shared);
    return [enc, await expand(KEM, key, "shared_secret", joined(enc, receiver), 32)];
  };

  // Returns enc (65 bytes), ciphertext and tag as one. `aad` and `pair` are for the published test vector.
  pasar.seal = async (receiver, info, plain, aad = NONE, pair = null) => {
    const [enc, secret] = await encapsulate(receiver, pair || (await subtle.generateKey(CURVE, true, ["deriveBits"])));
    const context = joined([0], await extract(SUITE, NONE, "psk_id_hash", NONE), await extract(SUITE, NONE, "info_hash", bytes(info)));
    const schedule = await extract(SUITE, secret, "secret", NONE);
    const key = await subtle.importKey("raw", await expand(SUITE, schedule, "key", context, 16), "AES-GCM", false, ["encrypt"]);
    const iv = await expand(SUITE, schedule, "base_nonce", context, 12);
    return joined(enc, new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad }, key, plain)));
  };
  pasar.joined = joined;
  pasar.bytes = bytes;
})();
