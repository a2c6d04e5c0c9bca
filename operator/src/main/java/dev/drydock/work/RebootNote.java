package dev.drydock.work;

import dev.drydock.kernel.Text;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is written down on a host before it is rebooted, where the reboot does not take it away: a
 * later pod of the same run finds there what has to run again.
 *
 * @param bootId of before the reboot
 */
record RebootNote(String bootId, Before before) {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final int LINES = 2000;
  private static final int LENGTH = 256;
  private static final String RUN = "run\t";
  private static final String BOOT = "boot\t";
  private static final String UNIT = "unit\t";
  private static final String PM2 = "pm2\t";

  private static final String READ = "cat \"$HOME/.drydock-reboot\"\n";

  private static final String LEAVE =
      """
      umask 077
      note=$HOME/.drydock-reboot
      printf '%s\\n' "$@" >"$note.new" && mv -f "$note.new" "$note"
      """;

  private static final String FORGET = "rm -f \"$HOME/.drydock-reboot\"\n";

  static Script reading() {
    return Script.of(READ, List.of());
  }

  static Script leaving(List<String> lines) {
    return Script.of(LEAVE, lines);
  }

  static Script forgetting() {
    return Script.of(FORGET, List.of());
  }

  /** What an earlier pod of the same run left; nothing, if that did not get so far. */
  static Optional<RebootNote> of(Site site) throws InterruptedException {
    Optional<String> run = site.run();
    return run.isPresent()
            && site.ask(reading(), SOON) instanceof Completed done
            && done.exitCode() == 0
        ? read(run.get(), done.output())
        : Optional.empty();
  }

  /** What {@link #lines} wrote; nothing if it is of another run. */
  static Optional<RebootNote> read(String run, String text) {
    List<String> lines = text.lines().limit(LINES).toList();
    List<String> boots = values(lines, BOOT);
    return values(lines, RUN).equals(List.of(run)) && boots.size() == 1
        ? Optional.of(
            new RebootNote(boots.getFirst(), new Before(values(lines, UNIT), values(lines, PM2))))
        : Optional.empty();
  }

  private static List<String> values(List<String> lines, String kind) {
    return lines.stream()
        .filter(line -> line.startsWith(kind))
        .map(line -> Text.line(line.substring(kind.length()), LENGTH))
        .toList();
  }

  List<String> lines(String run) {
    var lines = new ArrayList<>(List.of(RUN + run, BOOT + bootId));
    before.units().forEach(unit -> lines.add(UNIT + unit));
    before.pm2().forEach(name -> lines.add(PM2 + name));
    return lines;
  }

  /** Writes it down; a host where that can't be done is rebooted all the same. */
  void leave(Site site) throws Undone, InterruptedException {
    Optional<String> run = site.run();
    if (run.isPresent()) {
      Site.Ended left = site.run("note what runs", leaving(lines(run.get())), SOON);
      if (!left.isFine()) {
        site.say("note what runs", "a pod that follows this one will not know what ran before");
      }
    }
  }

  /** Takes it away: nobody has to go on there. */
  static void forget(Site site) throws InterruptedException {
    if (site.run().isPresent()) {
      var _ = site.ask(forgetting(), SOON);
    }
  }
}
