package dev.drydock.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Puts as much as possible into a container's termination message. */
public final class TerminationMessage {
  /** Kubernetes cuts one off after so many bytes. */
  public static final int ROOM = 4096;

  private static final int INFLATED = 1 << 20;

  private TerminationMessage() {}

  /** Whether {@code text} is left whole. */
  public static boolean fits(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length <= ROOM;
  }

  /** {@code text} as it is where it fits, else as {@link #pack} makes it. */
  public static String fitted(String text) {
    return fits(text) ? text : pack(text);
  }

  /** {@code text} deflated and in base64, for {@link #unpack}. */
  public static String pack(String text) {
    var deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
      deflater.finish();
      var bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[ROOM];
      while (!deflater.finished()) {
        bytes.write(buffer, 0, deflater.deflate(buffer));
      }
      return Base64.getEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    } finally {
      deflater.end();
    }
  }

  /** What {@link #pack} was given; nothing if it is something else, such as the end of a log. */
  public static Optional<String> unpack(String packed) {
    var inflater = new Inflater();
    try {
      inflater.setInput(Base64.getDecoder().decode(packed.strip()));
      var bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[ROOM];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if (count == 0 || bytes.size() > INFLATED) {
          return Optional.empty();
        }
        bytes.write(buffer, 0, count);
      }
      return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    } catch (DataFormatException | IllegalArgumentException e) {
      return Optional.empty();
    } finally {
      inflater.end();
    }
  }

  /** The largest number, {@code most} at the most, whose text fits; 0 if none does. */
  public static int most(int most, IntFunction<String> text) {
    int fitting = 0;
    int tooMany = most + 1;
    while (tooMany - fitting > 1) {
      int middle = (fitting + tooMany) / 2;
      if (fits(text.apply(middle))) {
        fitting = middle;
      } else {
        tooMany = middle;
      }
    }
    return fitting;
  }
}
