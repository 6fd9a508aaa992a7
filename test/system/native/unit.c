/* Tests of the core's internal functions; unit.test.ts builds and runs them. */
#include "check.h"

int main(void) {
  test_tables();
  test_wire();
  test_session();
  puts("ok");
  return 0;
}
