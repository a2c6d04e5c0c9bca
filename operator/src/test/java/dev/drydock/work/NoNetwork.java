package dev.drydock.work;

import dev.drydock.port.Network;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A network on which nobody listens. */
public final class NoNetwork implements Network {
  @Override
  public Answer<Page> fetch(String url, @Nullable String json, int cap, Duration deadline) {
    return new Unanswered<>(Kind.REFUSED, "connection refused");
  }

  @Override
  public Answer<Instant> certificateEnd(String host, int port, Duration deadline) {
    return new Unanswered<>(Kind.REFUSED, "connection refused");
  }

  @Override
  public Answer<String> converse(
      String host, int port, boolean tls, String text, int cap, Duration deadline) {
    return new Unanswered<>(Kind.REFUSED, "connection refused");
  }

  @Override
  public void close() {}
}
