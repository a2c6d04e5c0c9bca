package dev.drydock.adapter.notify;

import dev.drydock.kernel.Text;
import dev.drydock.port.Notifier.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Posts JSON. Redirects are not followed, since they would carry secrets to somewhere else. */
final class HttpPoster implements AutoCloseable {
  private static final int BODY_CAP = 16 * 1024;
  private static final int QUOTED = 160;
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  /**
   * Posts {@code body}; nothing is returned if the service has accepted it.
   *
   * @param secrets what no message may hold, even where the service says it
   */
  Optional<Problem> post(
      String url,
      Map<String, String> headers,
      byte[] body,
      Collection<String> secrets,
      Duration deadline) {
    URI uri;
    HttpRequest request;
    try {
      uri = URI.create(url.strip());
      var builder =
          HttpRequest.newBuilder(uri)
              .header("Content-Type", "application/json")
              .header("User-Agent", "drydock")
              .timeout(deadline)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body));
      headers.forEach(builder::setHeader);
      request = builder.build();
    } catch (IllegalArgumentException e) {
      return Optional.of(
          new Problem(true, "the URL or a header in the Secret can't be used", null));
    }
    String where = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, _ -> new FirstBytes());
    try {
      return judge(where, secrets, answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return Optional.of(new Problem(false, where + " did not answer in time", null));
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return Optional.of(new Problem(false, "the operator is stopping", null));
    } catch (ExecutionException e) {
      return Optional.of(new Problem(false, where + ": " + network(e.getCause()), null));
    }
  }

  private static Optional<Problem> judge(
      String where, Collection<String> secrets, HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status >= 200 && status < 300) {
      return Optional.empty();
    }
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    // Many a server repeats in an error what it was asked for.
    String body = secrets.stream().anyMatch(text::contains) ? "" : text;
    String message =
        where
            + " answered "
            + status
            + (body.isBlank() ? "" : ": " + Text.line(body, QUOTED))
            + (status >= 300 && status < 400 ? " (redirects are not followed)" : "");
    boolean again = status == 408 || status == 425 || status == 429 || status >= 500;
    return Optional.of(new Problem(!again, message, again ? retryAfter(answer) : null));
  }

  /** RFC 9110, 10.2.3, in seconds; the form with a date is rare, and our own pauses will do. */
  private static @Nullable Duration retryAfter(HttpResponse<?> answer) {
    return answer
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,5}"))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
        .orElse(null);
  }

  private static String network(@Nullable Throwable e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnresolvedAddressException _ -> {
          return "no such host name";
        }
        case HttpTimeoutException _ -> {
          return "no answer in time";
        }
        case SSLException tls -> {
          return "TLS: " + Text.line(String.valueOf(tls.getMessage()), QUOTED);
        }
        default -> {}
      }
    }
    return switch (e) {
      case ConnectException _ -> "connection refused";
      case IOException broken when broken.getMessage() != null ->
          Text.line(broken.getMessage(), QUOTED);
      case null, default -> "the connection broke";
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  /** So much of an answer as a message needs: a long one, or one without an end, is cut off. */
  private static final class FirstBytes implements BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> result = new CompletableFuture<>();
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return result;
    }

    @Override
    public void onSubscribe(Flow.Subscription next) {
      subscription = next;
      next.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[Math.min(buffer.remaining(), BODY_CAP - kept.size())];
        buffer.get(bytes);
        kept.writeBytes(bytes);
      }
      if (kept.size() >= BODY_CAP && result.complete(kept.toByteArray()) && subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable e) {
      result.completeExceptionally(e);
    }

    @Override
    public void onComplete() {
      result.complete(kept.toByteArray());
    }
  }
}
