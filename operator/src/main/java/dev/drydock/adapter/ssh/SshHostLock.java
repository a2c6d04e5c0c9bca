package dev.drydock.adapter.ssh;

import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A lock by flock(1) in a shell that stays, and a guard beside it: a second shell that waits for a
 * word from here every few seconds. When none comes it kills what runs under the lock, then the
 * shell that holds it. What is begun and ended is noted in a journal beside the lock, which looks
 * read to tell planned work from incidents: by the guard, so that nothing is said to have begun
 * that nobody would say the end of.
 */
final class SshHostLock implements HostLock {
  private static final Duration BEAT = Duration.ofSeconds(4);
  private static final long AGAIN_MILLIS = 1000;
  private static final long RELEASE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int BUSY = 75;
  private static final int HOLDER = 200;

  /** Both are on a tmpfs, or cleared at boot: a lock outlives no reboot. */
  private static final String PLACES =
      """
      find_lock() {
        for lock in /run/lock/drydock.lock /tmp/drydock.lock; do
          [ ! -e "$lock" ] || return 0
        done
        lock=/run/lock/drydock.lock
        (umask 0; set -C; : >"$lock") || sudo -n install -m 666 /dev/null "$lock"
        [ ! -e "$lock" ] || return 0
        lock=/tmp/drydock.lock
        (umask 0; set -C; : >"$lock")
        [ -e "$lock" ]
      }
      # Only the owner may open a file of a sticky directory as a shell's >> does.
      note() {
        [ ! -L "$journal" ] || return 1
        [ -e "$journal" ] || (umask 0; set -C; : >"$journal")
        if [ -O "$journal" ]; then
          printf '%s\\n' "$1" >>"$journal"
        else
          printf '%s\\n' "$1" | dd of="$journal" oflag=append conv=notrunc,nocreat ||
            printf '%s\\n' "$1" | sudo -n tee -a "$journal" >/dev/null
        fi
      }
      """;

  private static final String TAKE =
      PLACES
          + """
          take() {
            command -v flock >/dev/null || return 127
            find_lock || return 73
            journal=${lock%.lock}.journal
            command exec 9<"$lock" || return 73
            if ! flock -n 9; then
              exec 9<&-
              tail -n 1 "$journal" | grep '^begin'
              return 75
            fi
            if [ -O "$journal" ] && [ "$(wc -c <"$journal")" -gt 65536 ]; then
              kept=$(tail -n 100 "$journal")
              printf '%s\\n' "$kept" >"$journal"
            fi
            printf '%s\\n' "$lock"
          }
          take "$@" 2>/dev/null
          """;

  private static final String GUARD =
      PLACES
          + """
          guard() {
            main=$1
            lock=$2
            ready=$3
            holder=$4
            shift 4
            journal=${lock%.lock}.journal
            tab=$(printf '\\t')
            beat() {
              if command -v timeout >/dev/null; then
                timeout 15 sh -c 'IFS= read -r line && printf "%s" "$line"'
              else
                IFS= read -r line && printf '%s' "$line"
              fi
            }
            mine() { # pids that run under the lock, but not the shell that holds it
              for p in /proc/[0-9]*; do
                read -r stat <"$p/stat" || continue
                p=${p#/proc/}
                set -- ${stat##*) }
                [ "$4" = "$main" ] && [ "$p" != "$main" ] && [ "$1" != Z ] && echo "$p"
              done
              for p in $(grep -ls "DRYDOCK_RUN=$run" /proc/[0-9]*/environ); do
                p=${p#/proc/}
                echo "${p%/environ}"
              done
            }
            # Names the shell that holds the lock: its start tells it from a later process of its number.
            identity() {
              read -r stat <"/proc/$main/stat" || return
              set -- ${stat##*) }
              printf '%s' "$main.${20}"
            }
            begin() {
              entry=begin$tab$id$tab$(date +%s)$tab$holder
              for touched; do entry=$entry$tab$touched; done
              note "$entry"
            }
            end() { note "end$tab$id$tab$(date +%s)"; }
            run=none
            keep=0
            id=$(identity) || return
            begin "$@"
            printf '\\n%s ready\\n' "$ready"
            while said=$(beat); do
              case $said in
                release)
                  end
                  printf '\\n%s released\\n' "$ready"
                  return
                  ;;
                ?*)
                  run=${said% *}
                  keep=${said#* }
                  ;;
              esac
            done
            while [ "$keep" -gt 0 ] && [ -e "/proc/$main" ] && [ -n "$(mine)" ]; do
              sleep 1
              keep=$((keep - 1))
            done
            for try in 1 2 3 4 5; do
              pids=$(mine)
              [ -n "$pids" ] || break
              kill -KILL $pids || sudo -n kill -KILL $pids
              sleep 0.1 || sleep 1
            done
            end
            kill -KILL "$main"
          }
          guard "$@" 2>/dev/null
          exit
          """;

  private final RemoteShell shell;
  private final RemoteShell guard;
  private final String ready;
  private final Thread heart;
  private volatile boolean lost;
  private volatile long keep;

  private SshHostLock(RemoteShell shell, RemoteShell guard, String ready) {
    this.shell = shell;
    this.guard = guard;
    this.ready = ready;
    heart = Thread.ofVirtual().name("ssh lock").start(this::beat);
  }

  /**
   * Takes the lock in {@code shell}, which is closed with it, or at once if it can't be had.
   *
   * @param patienceNanos until when to try again while somebody else has it
   * @param deadlineNanos until when the host must have answered the first time
   */
  static Taken take(RemoteShell shell, Work work, long patienceNanos, long deadlineNanos)
      throws InterruptedException {
    boolean held = false;
    try {
      Script take = Script.of(TAKE, List.of());
      RemoteShell.Ended ended = shell.runWithin(take, deadlineNanos);
      while (ended.exitCode() == BUSY && System.nanoTime() < patienceNanos) {
        Thread.sleep(AGAIN_MILLIS);
        ended = shell.runWithin(take, System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
      }
      if (ended.exitCode() == BUSY) {
        return new Busy(holder(ended.output()));
      }
      if (ended.exitCode() != 0) {
        return new NotTaken(
            new Failed(
                Failure.UNREACHABLE,
                ended.exitCode() == 127
                    ? "the host has no flock to lock with: install util-linux"
                    : "the host's lock can't be made in /run/lock or /tmp"));
      }
      String lock = ended.output().strip();
      String ready = RemoteShell.marker();
      var words = new ArrayList<>(List.of(shell.remotePid(), lock, ready, work.holder()));
      words.addAll(work.touches());
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      RemoteShell guard = shell.beside(end);
      guard.begin(Script.of(GUARD, words), ready, end);
      held = true;
      return new Held(new SshHostLock(shell, guard, ready));
    } catch (HostFailure e) {
      return new NotTaken(e.answer());
    } finally {
      if (!held) {
        shell.close();
      }
    }
  }

  private static String holder(String entry) {
    String[] words = entry.strip().split("\t", -1);
    return words.length > 3 ? Text.line(words[3], HOLDER) : "";
  }

  private void beat() {
    try {
      while (!lost) {
        Thread.sleep(BEAT);
        guard.tell(shell.lastRun() + " " + keep + "\n");
      }
    } catch (HostFailure e) {
      lost = true;
    } catch (InterruptedException e) {
      // It is given up.
    }
  }

  @Override
  public Answer run(Script script, Duration deadline) {
    return run(script, deadline, 0);
  }

  @Override
  public Answer runToItsEnd(Script script, Duration deadline) {
    return run(script, deadline, deadline.toSeconds());
  }

  private Answer run(Script script, Duration deadline, long keepSeconds) {
    long start = System.nanoTime();
    try {
      if (!isHeld()) {
        return new Failed(Failure.CONNECTION_LOST, "the host's lock was lost");
      }
      keep = keepSeconds;
      String run = RemoteShell.marker();
      guard.tell(run + " " + keepSeconds + "\n");
      RemoteShell.Ended ended = shell.run(script, run, start + deadline.toNanos());
      return new Completed(
          ended.exitCode(),
          ended.output(),
          Duration.ofNanos(System.nanoTime() - start),
          shell.hostKey(),
          Optional.empty());
    } catch (HostFailure e) {
      if (e.answer().failure() == Failure.CONNECTION_LOST) {
        abandon();
      } else {
        abandon(keepSeconds == 0 ? 0 : GRACE.toSeconds());
      }
      return e.answer();
    } catch (InterruptedException e) {
      abandon(keepSeconds);
      Thread.currentThread().interrupt();
      return new Failed(Failure.CONNECTION_LOST, "the work was ended");
    } finally {
      keep = 0;
    }
  }

  /** The guard kills what has not ended by itself in so many seconds. */
  private void abandon(long keepSeconds) {
    lost = true;
    heart.interrupt();
    try {
      guard.tell(shell.lastRun() + " " + keepSeconds + "\n");
    } catch (HostFailure e) {
      // It hears nothing any more: what it heard last holds.
    }
    abandon();
  }

  private void abandon() {
    lost = true;
    heart.interrupt();
    shell.close();
  }

  @Override
  public boolean isHeld() {
    return !lost && shell.isAlive() && guard.isAlive();
  }

  @Override
  public void close() {
    heart.interrupt();
    if (!lost) {
      lost = true;
      try {
        guard.awaitLine(ready, "release\n", System.nanoTime() + RELEASE_NANOS);
      } catch (HostFailure e) {
        // The host gives it up by itself.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      shell.close();
    }
  }
}
