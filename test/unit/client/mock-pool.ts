/** A channel pool to a mock chronyd. */
import { readOptions } from '../../../src/client/options.ts';
import { ChannelPool } from '../../../src/client/pool.ts';
import { type Intercept, type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';

/** The error of calls that are under way when a test ends. */
const ENDED = new Error('the test has ended');

export class MockPool implements AsyncDisposable {
  readonly mock: MockChronyd;
  readonly pool: ChannelPool;

  private constructor(mock: MockChronyd) {
    this.mock = mock;
    this.pool = new ChannelPool(
      { kind: 'udp', host: '127.0.0.1', port: mock.port },
      readOptions({ timeoutMs: 60_000, retries: 0 }),
    );
  }

  static async start(intercept: Intercept): Promise<MockPool> {
    return new MockPool(await startMockChronyd('synchronized', { intercept }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close(() => ENDED);
    await this.mock.close();
  }
}
