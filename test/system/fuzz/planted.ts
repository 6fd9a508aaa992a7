/** Bugs to plant in the core, each an edit of its source. The target must detect all of them with the kept inputs. */
export interface PlantedBug {
  readonly file: string;
  /** A text that occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** A part of the target's output that shows what detected the bug. The exact check depends on the inputs. */
  readonly seen: string;
}

const answered = '(size_t)received < REPLY_HEADER_LENGTH + chronyi_layout_length(layout)';
const sequence = 'chronyi_get32(m + REPLY_SEQUENCE) == s->sequence';
const offset = 's->offsets[i] = (uint16_t)offset;';

export const plantedBugs = {
  // detected by the sanitizers
  'a datagram may be longer than the buffer': {
    file: 'session.c',
    from: 'recv(s->fd, s->message, sizeof s->message, 0)',
    to: 'recv(s->fd, s->message, 1024, 0)',
    seen: 'heap-buffer-overflow',
  },
  'the buffer has room for only one address': {
    file: 'session.h',
    from: '#define MAX_ADDRESSES 2',
    to: '#define MAX_ADDRESSES 1',
    seen: 'heap-buffer-overflow',
  },
  'a record has one field too many': {
    file: 'field.c',
    from: 'field >= s->record->number_fields',
    to: 'field > s->record->number_fields',
    seen: 'global-buffer-overflow',
  },
  'a failed allocation is not detected': {
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
  // detected by the model
  'any sequence number is accepted': {
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
  'a request contains the rest of a reply': {
    file: 'session.c',
    from: 'memset(m, 0, s->request_length);',
    to: 'memset(m, 0, REQUEST_HEADER_LENGTH);',
    seen: 'client.c:',
  },
  'the number of records exceeds an int': {
    file: 'session.c',
    from: 'number > INT_MAX ? INT_MAX : (int)number',
    to: '(int)number',
    seen: 'client.c:',
  },
  'the held address is used for another source': {
    file: 'session.c',
    from: 's->record_number == record)',
    to: 'record >= 0)',
    seen: 'client.c:',
  },
  'the held address is from another record': {
    file: 'session.c',
    from: 's->record == chronyi_query_source_address.layouts',
    to: 's->record && s->record->number_fields > REPORT_SOURCE_ADDRESS_FIELD',
    seen: 'client.c:',
  },
  'a request resets the counters of clients': {
    file: 'session.c',
    from: 'chronyi_put32(body + 12, 0);',
    to: 'chronyi_put32(body + 12, 1);',
    seen: 'client.c:',
  },
  'the number of entries exceeds the room in a reply': {
    file: 'session.c',
    from: 'return number < reply->list->max_entries ? (int)number : reply->list->max_entries;',
    to: 'return (int)number;',
    seen: 'client.c:',
  },
  'an address may have trailing text': {
    file: 'wire.c',
    from: "return *p == '\\0';",
    to: 'return true;',
    seen: 'client.c:',
  },
  'an IPv6 address may have too many words': {
    file: 'wire.c',
    from: 'return n < LENGTH;',
    to: 'return true;',
    seen: 'client.c:',
  },
  // detected by the checks of the record
  'a name may be unterminated': {
    file: 'session.c',
    from: "s->message[offset - 1] = '\\0';",
    to: '(void)0;',
    seen: 'record.c:',
  },
  'an address is not formatted as by the system': {
    file: 'wire.c',
    from: 'run_length == 6 || ',
    to: '',
    seen: 'record.c:',
  },
  'two addresses share a buffer': {
    file: 'field.c',
    from: 'return s->addresses[nth];',
    to: 'return s->addresses[nth / 2];',
    seen: 'held[i].copy',
  },
  // detected by the witness
  'a field has its offset from the previous record': {
    file: 'session.c',
    from: offset,
    to: `if (s->offsets[i] == 0) ${offset}`,
    seen: 'witness(asked',
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;
