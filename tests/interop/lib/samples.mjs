// A place and a person, as clients send them.
export const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Jane Doe\nTEL;waid=491510000009:+49 151 0000009\nEND:VCARD';
export const card = { displayName: 'Jane Doe', vcard };
export const location = { degreesLatitude: 52.5, degreesLongitude: 13.25, name: 'Gate', address: 'Pariser Platz' };
