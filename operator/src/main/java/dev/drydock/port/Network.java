package dev.drydock.port;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Asks what answers on the network, from where this process runs. Never throws. */
public interface Network extends AutoCloseable {

  /**
   * Fetches a page with GET, or with POST if there is a body. Redirects are not followed.
   *
   * @param json what is posted, or null
   * @param cap no more bytes than these are kept
   */
  Answer<Page> fetch(String url, @Nullable String json, int cap, Duration deadline);

  /** When the certificate that a TLS server shows ends, whoever has signed it. */
  Answer<Instant> certificateEnd(String host, int port, Duration deadline);

  /**
   * Sends {@code text} and reads until the other side closes, or {@code cap} bytes have come.
   *
   * @param tls whether to speak TLS, and to demand a certificate that is valid
   */
  Answer<String> converse(
      String host, int port, boolean tls, String text, int cap, Duration deadline);

  @Override
  void close();

  /** What came of a question. */
  sealed interface Answer<T> {}

  /** It was answered. */
  record Answered<T>(T value) implements Answer<T> {}

  /**
   * It was not.
   *
   * @param kind what went wrong
   * @param message in a few words, for people
   */
  record Unanswered<T>(Kind kind, String message) implements Answer<T> {}

  /** Why there was no answer. */
  enum Kind {
    /** Nobody listens there. */
    REFUSED,
    /** Nobody knows: the question itself could not be asked. */
    NOT_ASKED,
    /** Anything else. */
    FAILED
  }

  /**
   * An HTTP answer.
   *
   * @param cut whether the body was longer than the cap
   */
  record Page(int status, String body, boolean cut) {}
}
