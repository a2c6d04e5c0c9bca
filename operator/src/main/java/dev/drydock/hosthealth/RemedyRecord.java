package dev.drydock.hosthealth;

import dev.drydock.kernel.Text;
import dev.drydock.work.Masks;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** What was seen and done in one try, with times; what looks like a credential is left out. */
final class RemedyRecord {
  private static final int MOST = 190_000;
  private static final int OF_ONE = 60_000;
  private static final int LINE = 2000;
  private static final String CUT = "… cut, since a record has room for no more\n";

  private final InstantSource time;
  private final StringBuilder text = new StringBuilder();
  private int room = MOST;
  private boolean cut;

  RemedyRecord(InstantSource time) {
    this.time = time;
  }

  void heading(String title) {
    add("\n== " + Text.line(Masks.mask(title), LINE) + "\n");
  }

  void say(String sentence) {
    add(
        time.instant().truncatedTo(ChronoUnit.SECONDS)
            + " "
            + Text.line(Masks.mask(sentence), LINE)
            + "\n");
  }

  /** What a host printed. */
  void quote(String output) {
    if (!output.isBlank()) {
      String masked = Masks.mask(output).replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "");
      add((masked.length() > OF_ONE ? masked.substring(0, OF_ONE) + "\n" + CUT : masked) + "\n");
    }
  }

  private void add(String more) {
    int bytes = more.getBytes(StandardCharsets.UTF_8).length;
    if (bytes <= room) {
      text.append(more);
      room -= bytes;
    } else if (!cut) {
      cut = true;
      text.append(CUT);
    }
  }

  /** All of it; empty: there is nothing. */
  String text() {
    return text.toString().strip();
  }
}
