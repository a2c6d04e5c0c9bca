package dev.drydock.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Deque;

/** What commands for people are given: words, files and standard input. */
final class Inputs {
  private static final int MOST = 64 * 1024 * 1024;

  private Inputs() {}

  /**
   * The text of a file, or of standard input if it is called {@code -}.
   *
   * @throws IOException with a sentence for people
   */
  static String read(String file, InputStream in) throws IOException {
    try {
      byte[] bytes;
      if (file.equals("-")) {
        bytes = in.readNBytes(MOST);
      } else {
        try (InputStream content = Files.newInputStream(Path.of(file))) {
          bytes = content.readNBytes(MOST);
        }
      }
      if (bytes.length == MOST) {
        throw new IOException(file + " has more than 64 MiB");
      }
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not UTF-8 text", e);
    }
  }

  /** The word after an option. */
  static String value(String option, Deque<String> words) {
    String value = words.poll();
    if (value == null) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return value;
  }
}
