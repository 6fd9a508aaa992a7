/** Replies to requests for reports on sources, with any given values, valid or not. */

import { addressBytes, sameAddress } from '../../../src/testing/address.ts';
import type { MockRequest } from '../../../src/testing/index.ts';
import { encodeRefusal, encodeReply, ReplyStatus } from '../../../src/testing/reply.ts';
import { addressIn, indexIn, parseRequest } from '../../../src/testing/requests.ts';
import type { SourceReplies } from './source-replies.ts';
import { CHRONYC_REPLIES } from './support.ts';

/** The reply to a request for any report on sources; null for other requests. */
export function sourceReply(
  request: MockRequest,
  sources: readonly SourceReplies[],
): readonly Uint8Array[] | null {
  if (request.code === 14) return [encodeReply(2, request, { sources: sources.length })];
  const parsed = parseRequest(request.datagram);
  if (parsed === null) return null;
  const byAddress = request.code === 57 || request.code === 67;
  const source = byAddress
    ? sources.find(({ sourcestats }) =>
        sameAddress(addressBytes(sourcestats.address ?? null), addressIn(parsed)),
      )
    : sources[indexIn(parsed)];
  if (source === undefined) return [encodeRefusal(request, ReplyStatus.NO_SUCH_SOURCE)];
  switch (request.code) {
    case 15:
      return [encodeReply(3, request, source.sources)];
    case 34:
      return [encodeReply(6, request, source.sourcestats)];
    case 69:
      return [encodeReply(23, request, source.selectdata)];
    case 67:
      return [encodeReply(20, request, source.authdata)];
    case 57:
      return [encodeReply<16 | 26>(CHRONYC_REPLIES.ntpDataReply, request, source.ntpdata)];
    default:
      return null;
  }
}
