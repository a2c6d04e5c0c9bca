package dev.drydock.work;

import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Text;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.Script;
import dev.drydock.work.RunNote.Begun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reboots a host, and proves by the kernel's boot id that it did. */
final class Reboots {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Duration QUESTION = Duration.ofSeconds(10);
  private static final Duration SHORTEST = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofSeconds(15);
  private static final Duration LOCK = Duration.ofMinutes(5);

  /** How long a host may take to come back where nothing else says so. */
  static final Duration TIMEOUT = Duration.ofMinutes(10);

  /** And then to start its services. */
  static final Duration STARTUP = Duration.ofMinutes(5);

  private static final int REQUIRED = 75;
  private static final int STARTING = 75;
  private static final int NAMED = 120;

  static final String NEEDED =
      Shell.COMMON
          + """
      for file in /run/reboot-required /var/run/reboot-required; do
        if [ -e "$file" ]; then
          sort -u "$file.pkgs" 2>/dev/null | head -n 10
          exit 75
        fi
      done
      # Exit status 1 says yes, but also that something went wrong.
      said=$(
        if command -v needs-restarting >/dev/null; then
          kept 4000 as_root env LC_ALL=C needs-restarting -r
        elif command -v dnf >/dev/null; then
          kept 4000 as_root env LC_ALL=C dnf -C needs-restarting -r
        fi
      )
      case $said in *'Reboot is required'*) exit 75 ;; esac
      running=$(uname -r)
      flavor=$(printf '%s' "$running" | sed 's/^[0-9.~+-]*[0-9]//')
      if [ -e "/boot/vmlinuz-$running" ]; then
        newest=$(ls -d /boot/vmlinuz-*"$flavor" | sort -V | tail -n 1)
        if [ "$newest" != "/boot/vmlinuz-$running" ]; then
          echo "kernel ${newest#/boot/vmlinuz-}"
          exit 75
        fi
      elif [ -n "$(ls /lib/modules 2>/dev/null)" ] && [ ! -d "/lib/modules/$running" ]; then
        echo "the kernel"
        exit 75
      fi
      """;

  private static final String STARTED =
      """
      command -v systemctl >/dev/null || exit 0
      case $(systemctl is-system-running) in initializing | starting) exit 75 ;; esac
      """;

  private static final int STOPPING = 75;

  private static final String STATE =
      """
      cat /proc/sys/kernel/random/boot_id || exit 1
      command -v systemctl >/dev/null || exit 0
      [ "$(systemctl is-system-running)" != stopping ] || exit 75
      """;

  private static final String BOOT_ID = "cat /proc/sys/kernel/random/boot_id\n";

  private static final String REBOOT =
      Shell.COMMON
          + """
          sync
          kept 2000 as_root systemctl reboot || kept 2000 as_root reboot
          """;

  private Reboots() {}

  /** Whether the host says that it needs one. */
  record Need(boolean required, String because) {}

  static Need need(Site site) throws Undone, InterruptedException {
    Site.Ended ended =
        site.run("see whether a reboot is needed", Script.of(NEEDED, List.of()), SOON);
    return need(ended.status(), ended.output());
  }

  /** The same after a reboot, without the lock; nothing also where nobody can tell. */
  static Optional<Need> stillNeeded(Site site) throws InterruptedException {
    return site.ask(Script.of(NEEDED, List.of()), SOON) instanceof Completed done
        ? Optional.of(need(done.exitCode(), done.output())).filter(Need::required)
        : Optional.empty();
  }

  private static Need need(int status, String output) {
    return new Need(
        status == REQUIRED, Text.line(String.join(", ", output.lines().limit(3).toList()), NAMED));
  }

  /**
   * Whether an earlier pod of the same run has rebooted the host, which then has time to start. One
   * that still goes down is waited for.
   *
   * @param before the boot id of before
   */
  static boolean isDone(Site site, String before, Duration timeout)
      throws Undone, InterruptedException {
    Instant start = site.now();
    Answer answer = site.ask(Script.of(STATE, List.of()), SOON);
    if (answer instanceof Completed done && done.exitCode() != STOPPING) {
      String now = done.output().strip();
      if (done.exitCode() != 0 || now.equals(before)) {
        return false;
      }
      site.say("reboot", "an earlier pod has rebooted it: the boot id is " + now);
      awaitStartup(site);
      return true;
    }
    site.say("reboot", "it goes down, as an earlier pod has told it to");
    comeBack(site, before, start, timeout);
    return true;
  }

  /**
   * Reboots, and comes back with the lock where it can be had again.
   *
   * @param begun what has to run again, for a pod that follows this one
   * @return how long the host took
   */
  static Duration reboot(Site site, Duration timeout, String why, Begun begun)
      throws Undone, InterruptedException {
    String before = bootId(site).orElseThrow(() -> new Undone("the host tells no boot id"));
    begun.rebooting(before).leave(site);
    site.say("reboot", "rebooting, since " + why + "; the boot id is " + before);
    Instant start = site.now();
    try {
      Site.Ended ended = site.run("reboot", Script.of(REBOOT, List.of()), SOON);
      if (!ended.isFine()) {
        throw new Undone("it could not be rebooted: " + PackageManager.last(ended.output(), 2));
      }
    } catch (Undone.ConnectionLost e) {
      // So fast can a host go down.
    }
    return comeBack(site, before, start, timeout);
  }

  private static Duration comeBack(Site site, String before, Instant start, Duration timeout)
      throws Undone, InterruptedException {
    site.pause(SHORTEST);
    site.forgetSessions();
    String last = awaitNewBoot(site, before, start.plus(timeout), timeout);
    Duration took = Duration.between(start, site.now());
    site.say("reboot", "back after " + Durations.text(took) + " with the boot id " + last);
    awaitStartup(site);
    site.lockAgain(LOCK)
        .ifPresent(problem -> site.say("lock", "looking on without the lock: " + problem));
    return took;
  }

  private static String awaitNewBoot(Site site, String before, Instant end, Duration timeout)
      throws Undone, InterruptedException {
    Duration pause = SHORTEST;
    String last = "it gave no answer";
    boolean old = false;
    while (site.now().isBefore(end)) {
      Answer answer = site.ask(Script.of(BOOT_ID, List.of()), QUESTION);
      switch (answer) {
        case Completed done -> {
          String id = done.output().strip();
          if (done.exitCode() == 0 && !id.isEmpty() && !id.equals(before)) {
            return id;
          }
          old = true;
        }
        case Failed failed -> {
          old = false;
          last = failed.message();
        }
      }
      site.pause(pause);
      pause = pause.multipliedBy(3).dividedBy(2);
      pause = pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }
    if (old) {
      throw new Undone(
          "did not go down for the reboot within "
              + Durations.text(timeout)
              + ": its boot id is still the same, see what keeps it from shutting down");
    }
    throw new Undone.Lost(
        "did not come back after the reboot within "
            + Durations.text(timeout)
            + " ("
            + last
            + "): look at its console");
  }

  /** What is still to be started can't have failed yet. */
  private static void awaitStartup(Site site) throws InterruptedException {
    Instant end = site.now().plus(STARTUP);
    while (site.now().isBefore(end)
        && site.ask(Script.of(STARTED, List.of()), QUESTION) instanceof Completed done
        && done.exitCode() == STARTING) {
      site.pause(SHORTEST);
    }
  }

  private static Optional<String> bootId(Site site) throws InterruptedException {
    return site.ask(Script.of(BOOT_ID, List.of()), SOON) instanceof Completed done
            && done.exitCode() == 0
        ? Optional.of(done.output().strip())
        : Optional.empty();
  }
}
