package dev.drydock.port;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A POSIX shell script and the words it is given as {@code "$@"}. The text is a constant of the
 * program, which the compiler checks; whatever comes from a resource is a word, and only as a word
 * does it reach the host.
 */
public final class Script {
  private final String text;
  private final List<String> words;

  private Script(String text, List<String> words) {
    this.text = text;
    this.words = words;
  }

  /**
   * A script of the program's own text and of words from anywhere.
   *
   * @throws IllegalArgumentException if a word has a NUL, which no shell word can hold
   */
  public static Script of(@CompileTimeConstant final String text, List<String> words) {
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a NUL character can't be sent to a host");
      }
    }
    return new Script(text, List.copyOf(words));
  }

  /** The script as a shell reads it on standard input: {@code set -- 'word' …}, then the text. */
  public String render() {
    return words.stream().map(Script::quote).collect(Collectors.joining(" ", "set -- ", "\n"))
        + text
        + "\n";
  }

  /** POSIX.1-2024, 2.2.2: between single quotes every character but the single quote is literal. */
  private static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
