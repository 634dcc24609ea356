//! Protobuf messages as the bytes of their fields, read and written by nothing but the field numbers of the protocol.

/// A field: its number and its value, without tag and length. Numbers are kept as the bytes of a varint.
pub(super) type Field = (u64, Vec<u8>);

fn varint(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return (value, index + 1);
        }
    }
    panic!("half a number: {bytes:?}");
}

/// A number as a varint.
pub(super) fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

/// The fields of a message, in the order in which they stand.
pub(super) fn fields(mut bytes: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (tag, used) = varint(bytes);
        bytes = &bytes[used..];
        let (value, used) = varint(bytes);
        let (from, to) = match tag & 7 {
            0 => (0, used),
            2 => (used, used + usize::try_from(value).unwrap()),
            other => panic!("this protocol has no fields of wire type {other}"),
        };
        fields.push((tag >> 3, bytes[from..to].to_vec()));
        bytes = &bytes[to..];
    }
    fields
}

/// The one field of a number.
pub(super) fn field(bytes: &[u8], number: u64) -> Option<Vec<u8>> {
    let mut found = fields(bytes).into_iter().filter(|(known, _)| *known == number);
    let value = found.next().map(|(_, value)| value);
    assert_eq!(found.next(), None, "field {number} stands there once");
    value
}

/// A field of a message, text or bytes.
pub(super) fn text(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [number(field << 3 | 2), number(value.len() as u64), value.to_vec()].concat()
}

/// A field of a number; there is none for 0.
pub(super) fn count(field: u64, value: u64) -> Vec<u8> {
    if value == 0 { Vec::new() } else { [number(field << 3), number(value)].concat() }
}

/// An entry of a map to lists of text: key 1, value 2, whose texts are 1.
pub(super) fn entry(key: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<_> = values.iter().flat_map(|value| text(1, value)).collect();
    [text(1, key), text(2, values)].concat()
}

/// A message whose fields of one number, the entries of a map, stand in the order of their bytes, each after `change`.
pub(super) fn sorted(message: &[u8], map: u64, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut entries = Vec::new();
    // The map's place among the other fields counts.
    for (number, bytes) in raw(message) {
        if number == map {
            if entries.is_empty() {
                rest.push(Vec::new());
            }
            entries.push(change(bytes));
        } else {
            rest.push(bytes);
        }
    }
    entries.sort();
    rest.into_iter().flat_map(|bytes| if bytes.is_empty() { entries.concat() } else { bytes }).collect()
}

/// The fields with their tags and lengths.
fn raw(message: &[u8]) -> Vec<Field> {
    let mut rest = message;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, used) = varint(rest);
        let (value, length) = varint(&rest[used..]);
        let size = if tag & 7 == 2 { used + length + usize::try_from(value).unwrap() } else { used + length };
        found.push((tag >> 3, rest[..size].to_vec()));
        rest = &rest[size..];
    }
    found
}
