package dev.drydock.probe;

import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import java.util.List;
import java.util.Optional;

/** The journal that stands beside a host's lock: who works there. Pure. */
final class WorkJournal {
  private static final int MOST = 200;
  private static final int HOLDER = 3;

  private WorkJournal() {}

  /**
   * The work that goes on: the journal's last word, if it is a beginning and the lock is held.
   *
   * @param text a line {@code held 0} or {@code held 1}, then {@code begin}, an id, a time, the
   *     holder and what is touched, or {@code end}, an id and a time, parted by tabs
   */
  static Optional<Work> current(String text) {
    List<String> lines = text.strip().lines().toList();
    if (lines.size() < 2 || !lines.getFirst().equals("held 1")) {
      return Optional.empty();
    }
    String[] words = lines.getLast().split("\t", -1);
    if (!words[0].equals("begin") || words.length <= HOLDER) {
      return Optional.empty();
    }
    return Optional.of(
        new Work(
            Text.line(words[HOLDER], MOST),
            List.of(words).subList(HOLDER + 1, Math.min(words.length, MOST))));
  }
}
