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
    from: 'memset(m, 0, s->request_length);',
    to: 'memset(m, 0, REQUEST_HEADER_LENGTH);',
    seen: 'client.c:',
  },
  'there are more records than an int holds': {
    file: 'session.c',
    from: 'number > INT_MAX ? INT_MAX : (int)number',
    to: '(int)number',
    seen: 'client.c:',
  },
  'the address held is used for another source': {
    file: 'session.c',
    from: 's->record_number == record)',
    to: 'record >= 0)',
    seen: 'client.c:',
  },
  'the address held is that of another record': {
    file: 'session.c',
    from: 's->record == chronyi_query_source_address.layouts',
    to: 's->record && s->record->number_fields > REPORT_SOURCE_ADDRESS_FIELD',
    seen: 'client.c:',
  },
  'the counters of clients are reset': {
    file: 'session.c',
    from: 'chronyi_put32(body + 12, 0);',
    to: 'chronyi_put32(body + 12, 1);',
    seen: 'client.c:',
  },
  'there are more entries than a reply has room for': {
    file: 'session.c',
    from: 'return number < reply->list->max_entries ? (int)number : reply->list->max_entries;',
    to: 'return (int)number;',
    seen: 'client.c:',
  },
  'an address may go on after its end': {
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
  // for the checks of the record
  'a name may have no end': {
    file: 'session.c',
    from: "s->message[offset - 1] = '\\0';",
    to: '(void)0;',
    seen: 'record.c:',
  },
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
