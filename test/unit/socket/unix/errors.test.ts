import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ChronyConnectionError, ChronyPermissionError } from '../../../../src/errors.ts';
import {
  isRuntimeDenial,
  isSuperuser,
  noBackend,
  systemCallError,
  unixError,
} from '../../../../src/socket/unix/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
const PATH = join(directory, 'chronyd.sock');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('an error of a system call looks like an error of Node.js', () => {
  expect(systemCallError('connect', 'ECONNREFUSED')).toMatchObject({
    message: 'connect ECONNREFUSED',
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
});

describe('unixError', () => {
  it.each([
    ['ENOENT', 'no socket is there; check that chronyd is running'],
    ['ENOTDIR', 'no socket is there; check the path'],
    ['ECONNREFUSED', 'no process listens on that socket any more'],
    ['ENOTSOCK', 'it is not a socket'],
    ['EPROTOTYPE', "it is another kind of socket than chronyd's"],
    ['ELOOP', 'symbolic links in the path lead in a circle'],
    ['ENAMETOOLONG', 'a name in the path is too long'],
    ['EMFILE', 'raise the limit (ulimit -n)'],
    ['ENFILE', 'raise the limit (fs.file-max)'],
    ['ENOBUFS', 'the system has no memory left for sockets'],
    ['ENOMEM', 'the system has no memory left'],
    ['ENOSPC', "no room for this process's own socket; free blocks (df) or inodes (df -i), or use UDP"],
    ['EDQUOT', "this user's disk quota"],
    ['EMLINK', 'remove some of the subdirectories'],
    ['EIO', 'its file system has failed'],
    ['ECONNRESET', 'chronyd has closed that socket'],
    ['ENOTCONN', 'chronyd has closed that socket'],
    ['EPIPE', 'chronyd has closed that socket'],
    ['EADDRINUSE', "the name of this process's own socket is taken"],
    ['EEXIST', "the name of this process's own directory is taken"],
    ['EMSGSIZE', 'raise net.core.wmem_max'],
    ['EAFNOSUPPORT', 'this system has no Unix sockets'],
    ['ESTALE', 'the system reports an unexpected error; try again, or use UDP'],
  ])('%s is a failed connection', (code, advice) => {
    const cause = systemCallError('connect', code);
    const error = unixError(PATH, cause);
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error.message).toContain(`${PATH}: ${code}; `);
    expect(error.message).toContain(advice);
    expect(error.cause).toBe(cause);
    // these cannot be the cause between two processes on one machine
    expect(error.message.replace(/\bopencommands\b.*/, '')).not.toMatch(
      /cmdallow|firewall|route|the address|port /,
    );
  });

  it('EROFS is a permission error that another user cannot avoid', () => {
    const error = unixError(PATH, systemCallError('mkdtemp', 'EROFS'));
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(error.message).toContain(
      'EROFS; its file system is read-only, but this process must create a socket there',
    );
    expect(error.message).not.toContain('Run as root');
  });

  it.each(['connect', 'send'])("EACCES of %s refers to chronyd's own socket", (call) => {
    const { message } = unixError(PATH, systemCallError(call, 'EACCES'), false);
    expect(message).toContain(
      "EACCES; this user may not write to the socket. Run as root or as chrony's user, or use",
    );
  });

  it.each(['EACCES', 'EPERM'])('%s names the owner of the directory and the alternatives', (code) => {
    const error = unixError(PATH, systemCallError('mkdtemp', code), false);
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(error.message).toContain(`${directory} belongs to user ${userInfo().username} and group `);
    expect(error.message).toContain('mode 0700, and this user may not create a socket there');
    expect(error.message).toContain("Run as root or as chrony's user, or use UDP (127.0.0.1:323)");
  });

  it('never advises root to run as root', () => {
    const { message } = unixError(PATH, systemCallError('mkdtemp', 'EACCES'), true);
    expect(message).not.toMatch(/run as root/i);
    expect(message).toMatch(/CAP_DAC_OVERRIDE.*SELinux.*or use UDP/);
  });

  it('names a directory that cannot be entered', () => {
    const path = join(directory, 'nothing/chronyd.sock');
    expect(unixError(path, systemCallError('stat', 'EACCES')).message).toContain(
      `this user may not enter ${join(directory, 'nothing')}`,
    );
  });

  it.each(['ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED'])('%s names the necessary permissions', (code) => {
    const cause = systemCallError('dlopen', code);
    const error = unixError(PATH, cause);
    expect(isRuntimeDenial(cause)).toBe(true);
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(error.message).toContain(`--allow-fs-read=${directory} --allow-fs-write=${directory}`);
  });

  it('uses the name of an error without a code', () => {
    const denied = Object.assign(new Error('Requires ffi access'), { name: 'NotCapable' });
    expect(unixError(PATH, denied).message).toContain(`${PATH}: NotCapable; `);
  });
});

it('a denial by the system is not a denial by the runtime', () => {
  expect(isRuntimeDenial(systemCallError('open', 'EACCES'))).toBe(false);
  expect(isRuntimeDenial(new Error('no code'))).toBe(false);
});

it('noBackend() gives the reason and the alternative', () => {
  const cause = new Error('broken');
  const error = noBackend(PATH, 'nothing here opens it', cause);
  expect(error.code).toBe('ERR_CHRONY_NO_UNIX_SOCKET');
  expect(error.message).toContain(`${PATH}: nothing here opens it; or use UDP`);
  expect(error.cause).toBe(cause);
  expect(noBackend(PATH, 'nothing here opens it')).not.toHaveProperty('cause');
});

it('assumes that the user is not root if the runtime hides the user, as Deno without --allow-sys', () => {
  const geteuid = vi.spyOn(process, 'geteuid').mockImplementation(() => {
    throw Object.assign(new Error('Requires sys access to "uid"'), { name: 'NotCapable' });
  });
  try {
    expect(isSuperuser()).toBe(false);
    geteuid.mockReturnValue(0);
    expect(isSuperuser()).toBe(true);
  } finally {
    geteuid.mockRestore();
  }
});
