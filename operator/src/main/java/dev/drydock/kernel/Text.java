package dev.drydock.kernel;

/** Text that came from outside, made fit for a status, an event or a log. */
public final class Text {
  private Text() {}

  /** One line without control characters, of {@code length} characters at the most. */
  public static String line(String text, int length) {
    String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    if (line.length() <= length) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(length - 2)) ? length - 2 : length - 1;
    return line.substring(0, end) + "…";
  }
}
