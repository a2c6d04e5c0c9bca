package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.Text;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell;
import dev.drydock.port.HostShell.Answer;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.Script;
import dev.drydock.work.HostWork.Done;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come on a host. It is written down there, where a reboot does not take it away:
 * a later pod of the same run goes on from it. Each run has a file of its own, since a run of
 * another namespace or cluster may come to the host between two pods of this one.
 */
public sealed interface RunNote {

  /**
   * Something may have been changed, and it is not over.
   *
   * @param started when the run did, as its first pod had it
   * @param since when the work on the host began
   * @param before what ran before, and has to run again
   * @param bootId of before the reboot that was begun; empty if none was
   */
  record Begun(Instant started, Instant since, Before before, String bootId) implements RunNote {
    Begun rebooting(String oldBootId) {
      return new Begun(started, since, before, oldBootId);
    }

    boolean isRebooting() {
      return !bootId.isEmpty();
    }
  }

  /**
   * Nothing is left to be done there in this run.
   *
   * @param started when the run did, as its first pod had it
   */
  record Ended(Instant started, Done done) implements RunNote {}

  /** When the run started, as its first pod had it. */
  Instant started();

  /** What asking for a note came to. */
  sealed interface Found {}

  /**
   * The host answered.
   *
   * @param note nothing if there is none of this run
   */
  record Told(Optional<RunNote> note) implements Found {}

  /** The host did not. */
  record NotTold(Failed failure) implements Found {}

  Duration SOON = Duration.ofMinutes(1);
  int LINES = 2000;
  int LENGTH = 400;
  String STARTED = "started\t";
  String SINCE = "since\t";
  String BOOT = "boot\t";
  String UNIT = "unit\t";
  String PM2 = "pm2\t";
  String FAILED = "failed\t";
  String ENDED = "ended\t";
  String SAID = "said\t";

  String READ = "cat \"$HOME/.drydock-runs/$1\"\n";

  String LEAVE =
      """
      umask 077
      notes=$HOME/.drydock-runs
      run=$1
      note=$notes/$run
      shift
      mkdir -p "$notes" || exit
      printf '%s\\n' "$@" >"$note.new" && mv -f "$note.new" "$note" || exit
      # Those of runs that are long over. By their number: a host's clock may be wrong.
      cd "$notes" && ls -t | grep -vxF -- "$run" | tail -n +50 | while read -r old; do
        rm -f -- "$old"
      done
      exit 0
      """;

  static Script reading(String run) {
    return Script.of(READ, List.of(run));
  }

  default Script leaving(String run) {
    return Script.of(LEAVE, Stream.concat(Stream.of(run), lines().stream()).toList());
  }

  /** Asks a host for what a run has left there. */
  static Found find(HostShell shell, HostAccess host, String run) {
    return switch (shell.look(host, reading(run), SOON)) {
      case Failed failed -> new NotTold(failed);
      case Completed done -> new Told(read(done.output()));
    };
  }

  /** What {@link #lines} wrote; nothing if it is no note. */
  static Optional<RunNote> read(String text) {
    List<String> lines = text.lines().limit(LINES).toList();
    try {
      Instant started = Instant.parse(one(lines, STARTED));
      List<String> ended = values(lines, ENDED);
      return Optional.of(
          ended.isEmpty()
              ? new Begun(
                  started,
                  Instant.parse(one(lines, SINCE)),
                  new Before(values(lines, UNIT), values(lines, PM2), failed(lines)),
                  one(lines, BOOT))
              : new Ended(started, new Done(Outcome.valueOf(ended.getFirst()), one(lines, SAID))));
    } catch (DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Where it is known, there is one line without a name. */
  private static @Nullable List<String> failed(List<String> lines) {
    List<String> failed = values(lines, FAILED);
    return failed.isEmpty() ? null : failed.stream().filter(unit -> !unit.isEmpty()).toList();
  }

  private static String one(List<String> lines, String kind) {
    return String.join(" ", values(lines, kind));
  }

  private static List<String> values(List<String> lines, String kind) {
    return lines.stream()
        .filter(line -> line.startsWith(kind))
        .map(line -> Text.line(line.substring(kind.length()), LENGTH))
        .toList();
  }

  private List<String> lines() {
    var lines = new ArrayList<>(List.of(STARTED + started()));
    switch (this) {
      case Begun begun -> {
        lines.add(SINCE + begun.since());
        if (begun.isRebooting()) {
          lines.add(BOOT + begun.bootId());
        }
        begun.before().units().forEach(unit -> lines.add(UNIT + unit));
        begun.before().pm2().forEach(name -> lines.add(PM2 + name));
        if (begun.before().failed() != null) {
          lines.add(FAILED);
          begun.before().failed().forEach(unit -> lines.add(FAILED + unit));
        }
      }
      case Ended(_, Done done) -> {
        lines.add(ENDED + done.outcome());
        lines.add(SAID + Text.line(done.message(), LENGTH));
      }
    }
    return lines;
  }

  /**
   * Writes it down, beside the lock, which may be lost by then. Where that can't be done the work
   * goes on all the same.
   */
  default void leave(Site site) throws InterruptedException {
    Optional<String> run = site.run();
    if (run.isEmpty()) {
      return;
    }
    Answer left = site.ask(leaving(run.get()), SOON);
    if (!(left instanceof Completed done && done.exitCode() == 0)) {
      site.say("note", "a pod that follows this one will not know how far it came");
    }
  }
}
