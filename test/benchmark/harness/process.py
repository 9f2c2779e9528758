# ordo: runs one program to its end, on given cores, and says what it printed and what it took.
# SPDX-License-Identifier: BSL-1.0
import contextlib
import dataclasses
import os
import signal
import subprocess
import tempfile

TIME_LIMIT = 120  # s; a run takes less than 10


@dataclasses.dataclass(frozen=True)
class Finished:
    code: int          # negative: the signal that ended it
    output: str
    errors: str
    cpu_ns: float      # of the user; what the kernel did for it is not in it
    peak_bytes: int    # resident memory, but at least that of this interpreter, from which the program was started

    def described(self):
        """How it ended, in one line."""
        if self.code < 0:
            how = f'was ended by {signal.Signals(-self.code).name}'
        else:
            how = f'ended with {self.code}'
        last = self.errors.strip().splitlines()[-1:]
        return ': '.join([how, *last])


def cores_for(number):
    """The last cores that we may use: the first one has the interrupts of most machines."""
    return sorted(os.sched_getaffinity(0))[-number:]


def run(command, cores=None, time_limit=TIME_LIMIT):
    """Runs the command on these cores, on all if None; raises OSError if it cannot be started."""

    def pin():
        if cores:
            os.sched_setaffinity(0, cores)

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=errors, preexec_fn=pin, start_new_session=True)
        code, usage = wait(process, time_limit)
        output.seek(0)
        errors.seek(0)
        return Finished(code, output.read().decode(errors='replace'), errors.read().decode(errors='replace'),
                        usage.ru_utime * 1e9, usage.ru_maxrss * 1024)


def kill(process):
    """And its children, which are in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait(process, time_limit):
    """Its exit code and what it used, which subprocess does not tell."""

    def expired(*_):
        kill(process)

    previous = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, time_limit)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # an interrupt from the keyboard, which does not reach another session
        kill(process)
        process.wait()
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage
