/** Bugs for the core, each one an edit of its source. The fuzzer must see all of them in the kept inputs. */
export interface PlantedBug {
  readonly file: string;
  /** A text that is in the file once. */
  readonly from: string;
  readonly to: string;
  /** Part of what the target says of it: who sees it. Which check does, depends on the inputs. */
  readonly seen: string;
}

const answered = '(size_t)received < REPLY_HEADER_LENGTH + chronyi_layout_length(layout)';
const sequence = 'chronyi_get32(m + REPLY_SEQUENCE) == s->sequence';
const offset = 's->offsets[i] = (uint16_t)offset;';

export const plantedBugs = {
  // for the sanitizers
  'a datagram may be longer than the buffer': {
    file: 'session.c',
    from: 'recv(s->fd, s->message, sizeof s->message, 0)',
    to: 'recv(s->fd, s->message, 1024, 0)',
    seen: 'heap-buffer-overflow',
  },
  'there is room for one address only': {
    file: 'session.h',
    from: '#define MAX_ADDRESSES 2',
    to: '#define MAX_ADDRESSES 1',
    seen: 'heap-buffer-overflow',
  },
  'there is one field more': {
    file: 'field.c',
    from: 'field >= s->record->number_fields',
    to: 'field > s->record->number_fields',
    seen: 'global-buffer-overflow',
  },
  'nobody looks whether there was memory': {
    file: 'session.c',
    from: 'if (!*s)',
    to: 'if (0)',
    seen: 'member access within null pointer',
  },
  'a session is not freed': {
    file: 'session.c',
    from: '  free(s);',
    to: '  (void)s;',
    seen: 'detected memory leaks',
  },
  // for the model
  'any sequence number will do': {
    file: 'session.c',
    from: sequence,
    to: `(${sequence} || true)`,
    seen: 'client.c:',
  },
  'a reply may be longer than the request': {
    file: 'session.c',
    from: 'length <= s->request_length && ',
    to: '',
    seen: 'client.c:',
  },
  'a reply may lack a byte': {
    file: 'session.c',
    from: answered,
    to: `${answered} - 1`,
    seen: 'client.c:',
  },
  'a failed request is still outstanding': {
    file: 'session.c',
    from: 'static chrony_err fail(chrony_session *s, chrony_err e) {\n  forget(s);',
    to: 'static chrony_err fail(chrony_session *s, chrony_err e) {\n  s->record = NULL;',
    seen: 'client.c:',
  },
  'a request is as short as its shortest reply': {
    file: 'session.c',
    from: 'if (length > longest)',
    to: 'if (length > longest && i == 0)',
    seen: 'client.c:',
  },
  'a request has the rest of a reply in it': {
    file: 'session.c',
    from: 'memset(m, 0, sizeof s->message);',
    to: 'memset(m, 0, REQUEST_HEADER_LENGTH);',
    seen: 'client.c:',
  },
  'there are more records than an int holds': {
    file: 'session.c',
    from: 'number > INT_MAX ? INT_MAX : (int)number',
    to: '(int)number',
    seen: 'client.c:',
  },
  // for the checks of the record
  'an address is written in a way of its own': {
    file: 'wire.c',
    from: 'run_length == 6 || ',
    to: '',
    seen: 'record.c:',
  },
  'two addresses share a text': {
    file: 'field.c',
    from: 'return s->addresses[nth];',
    to: 'return s->addresses[nth / 2];',
    seen: 'held[i].copy',
  },
  // for the witness
  'a field is where one was in the record before': {
    file: 'session.c',
    from: offset,
    to: `if (s->offsets[i] == 0) ${offset}`,
    seen: 'witness(asked',
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;
