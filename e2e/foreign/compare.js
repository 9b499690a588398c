// What a foreign reader found, against what our `pull` found.
import assert from 'node:assert/strict';

/** Fields of users that every reader has. */
export function users(found, pulled, nameOf = (name) => name) {
  const seen = found.filter((line) => line.kind === 'user');
  same('user', seen.map((user) => ({ ...pick(user, ['user_id', 'privilege']), name: user.name.trim(), ...card(user) })),
    pulled.map((user) => ({ ...pick(user, ['user_id', 'privilege']), name: nameOf(user.name).trim(), ...card(user, seen[0]) })));
}

function card(user, like = user) {
  return like?.card === undefined ? {} : { card: user.card };
}

/** Punches in order; `fields` are those that the reader gives. */
export function punches(found, pulled, fields) {
  const seen = found.filter((line) => line.kind === 'punch');
  same('punch', seen.map((punch) => pick(punch, fields)), pulled.map((punch) => pick(punch, fields)));
}

export function count(what, lines, expected) {
  assert.equal(lines.length, expected, `${lines.length} ${what} where ${expected} were asked for`);
}

function pick(line, fields) {
  return Object.fromEntries(fields.map((field) => [field, line[field]]));
}

/** Says the first difference only: the lists are long. */
function same(what, found, expected) {
  const length = Math.max(found.length, expected.length);
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [JSON.stringify(found[at]), JSON.stringify(expected[at])];
    assert.ok(one === other, `${what} ${at + 1} of ${expected.length}: it read ${one}, pull reads ${other}`);
  }
}
