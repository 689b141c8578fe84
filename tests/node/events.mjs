// What each library writes: appends in order, all of a few streams that take turns.

export const uuid = (n) => `7c9e6679-7425-40de-944b-${n.toString(16).padStart(12, '0')}`;

export const order = `order-${uuid(0xa0)}`;

const event = (type, data, metadata) => ({ type, data, ...(metadata && { metadata }) });

const caused = (n, extra) => ({ correlationId: uuid(n), causationId: uuid(n + 1), ...extra });

const text = {
  emoji: '👩‍👩‍👧‍👦 🇵🇱', '🔑': '🗝️', nfc: '\u00e9', nfd: 'e\u0301', controls: '\u0001\b\f\n\r\t\u001f\u007f\u2028',
  quotes: `"\\/'%$1`, digits: '12', empty: '',
};

const numbers = {
  max: Number.MAX_SAFE_INTEGER, past: 2 ** 53 + 2, minusZero: -0, tenth: 0.1, sum: 0.1 + 0.2, tiny: 5e-324,
  e21: 1e21, e300: 1e300, small: -1.5e-7, big: '9223372036854775807',
};

// What jsonb does not take.
export const unlikeJsonb = [
  event('NulInside', { text: 'a\u0000b', 'k\u0000ey': '\u0000' }),
  event('LoneSurrogate', { high: '\ud83d', low: 'x\udd11y' }),
];

// Streams with their events; the first append of each finds none there.
export const appends = [
  [order, [
    event('OrderPlaced', { placedAt: new Date(Date.UTC(2026, 0, 31, 12, 30, 15, 250)), price: 19.99, note: null }, caused(1)),
    event('OrderLineAdded', { sku: 'A-100', lines: [1, 'two', null, [[]], {}] }, caused(3, { tenant: { id: 7 } })),
  ]],
  ['käufer-ä1', [event('Registriert', { name: 'Zoë Åkesson', city: 'Łódź' })]],
  ['audit-1', [event('notiz.hinzugefügt/v2', text), event('Numbers', numbers), event('Empty', {})]],
  [order, [event('OrderConfirmed', { by: null, at: [] }, caused(5))]],
  ['tenant:acme/invoice-2026-0001', [event('Opened', { long: 'Zażółć gęślą jaźń. '.repeat(100) })]],
  ['käufer-ä1', [event('Umgezogen', { zu: '配送' }), event('Umbenannt', { name: 'Zoë' })]],
  ['audit-1', [event('KeyOrder', { z: 1, a: 2, 10: 'ten', 9: 'nine', '': 'empty key' })]],
];

// What is appended to a copy: to a stream that is there, and one that it begins.
export const begun = 'order-new';

export const more = [
  [order, uuid(0x300)],
  [begun, uuid(0x301)],
];

export const streams = [...new Set(appends.map(([stream]) => stream)), begun];
