#include "chrony.h"

const char *chrony_get_error_string(chrony_err e) {
  switch (e) {
  case CHRONY_OK:
    return "Success";
  case CHRONY_NO_MEMORY:
    return "Not enough memory";
  case CHRONY_NO_RANDOM:
    return "No source of random numbers available";
  case CHRONY_UNKNOWN_REPORT:
    return "Unknown report";
  case CHRONY_RANDOM_FAILED:
    return "Could not get a random number";
  case CHRONY_SEND_FAILED:
    return "Could not send the request";
  case CHRONY_RECV_FAILED:
    return "Could not receive the response";
  case CHRONY_INVALID_ARGUMENT:
    return "Invalid argument";
  case CHRONY_UNEXPECTED_CALL:
    return "No response is expected";
  case CHRONY_UNAUTHORIZED:
    return "chronyd does not allow this client to get the report";
  case CHRONY_DISABLED:
    return "The feature is not enabled in chronyd";
  case CHRONY_UNEXPECTED_STATUS:
    return "chronyd could not answer the request";
  case CHRONY_OLD_SERVER:
    return "chronyd is too old to know the request";
  case CHRONY_NEW_SERVER:
    return "chronyd is too new for its response to be understood";
  case CHRONY_INVALID_RESPONSE:
    return "The response is too short";
  }
  return "Unknown error";
}
