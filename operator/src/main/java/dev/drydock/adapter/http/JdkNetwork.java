package dev.drydock.adapter.http;

import dev.drydock.kernel.Text;
import dev.drydock.port.Network;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The network as this process sees it. */
public final class JdkNetwork implements Network {
  private static final int QUOTED = 160;

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  @Override
  public Answer<Page> fetch(String url, @Nullable String json, int cap, Duration deadline) {
    HttpRequest request;
    try {
      var builder =
          HttpRequest.newBuilder(URI.create(url))
              .header("User-Agent", "drydock")
              .timeout(deadline)
              .GET();
      if (json != null) {
        builder
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json));
      }
      request = builder.build();
    } catch (IllegalArgumentException e) {
      return new Unanswered<>(Kind.NOT_ASKED, "the URL can't be used: correct it");
    }
    CompletableFuture<HttpResponse<CappedBody.Kept>> answer =
        client.sendAsync(request, _ -> new CappedBody(cap));
    try {
      HttpResponse<CappedBody.Kept> response =
          answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
      CappedBody.Kept body = response.body();
      return new Answered<>(new Page(response.statusCode(), body.text(), body.cut()));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return noAnswerInTime();
    } catch (InterruptedException e) {
      answer.cancel(true);
      return stopping();
    } catch (ExecutionException e) {
      return unanswered(e.getCause());
    }
  }

  @Override
  public Answer<Instant> certificateEnd(String host, int port, Duration deadline) {
    return within(
        deadline,
        () -> {
          try (Socket plain = connect(host, port, deadline);
              var tls = (SSLSocket) indifferent().createSocket(plain, host, port, true)) {
            SSLParameters parameters = tls.getSSLParameters();
            if (!host.matches("[0-9.]+")) {
              parameters.setServerNames(java.util.List.of(new SNIHostName(host)));
            }
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return ((X509Certificate) tls.getSession().getPeerCertificates()[0])
                .getNotAfter()
                .toInstant();
          }
        });
  }

  @Override
  public Answer<String> converse(
      String host, int port, boolean tls, String text, int cap, Duration deadline) {
    return within(
        deadline,
        () -> {
          try (Socket plain = connect(host, port, deadline);
              Socket socket = tls ? checked(plain, host, port) : plain) {
            var output = socket.getOutputStream();
            output.write(text.getBytes(StandardCharsets.UTF_8));
            output.flush();
            return new String(socket.getInputStream().readNBytes(cap), StandardCharsets.UTF_8);
          }
        });
  }

  private static Socket connect(String host, int port, Duration deadline) throws IOException {
    var socket = new Socket();
    try {
      int millis = (int) Math.max(1, deadline.toMillis());
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(host, port), millis);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static Socket checked(Socket plain, String host, int port) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    var tls = (SSLSocket) factory.createSocket(plain, host, port, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    return tls;
  }

  /**
   * Accepts every certificate: one that has ended, or that a company signs itself, is to be read as
   * well. Nothing is sent over such a connection.
   */
  private static SSLSocketFactory indifferent() throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Indifferent()}, null);
    return context.getSocketFactory();
  }

  private static final class Indifferent implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** On a thread that is given up at the deadline: a name server can't be hurried. */
  private static <T> Answer<T> within(Duration deadline, Callable<T> work) {
    var task = new FutureTask<>(work);
    Thread thread = Thread.ofVirtual().name("network").start(task);
    try {
      return new Answered<>(task.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return noAnswerInTime();
    } catch (InterruptedException e) {
      return stopping();
    } catch (ExecutionException e) {
      return unanswered(e.getCause());
    } finally {
      thread.interrupt();
    }
  }

  private static <T> Answer<T> noAnswerInTime() {
    return new Unanswered<>(Kind.FAILED, "no answer in time");
  }

  private static <T> Answer<T> stopping() {
    Thread.currentThread().interrupt();
    return new Unanswered<>(Kind.NOT_ASKED, "the look was ended");
  }

  private static <T> Answer<T> unanswered(@Nullable Throwable e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnresolvedAddressException _, UnknownHostException _ -> {
          return new Unanswered<>(Kind.FAILED, "no such host name");
        }
        case HttpTimeoutException _, SocketTimeoutException _ -> {
          return noAnswerInTime();
        }
        case SSLException tls -> {
          return new Unanswered<>(
              Kind.FAILED, "TLS: " + Text.line(String.valueOf(tls.getMessage()), QUOTED));
        }
        default -> {}
      }
    }
    return switch (e) {
      case ConnectException _ -> new Unanswered<>(Kind.REFUSED, "connection refused");
      case IOException broken when broken.getMessage() != null ->
          new Unanswered<>(Kind.FAILED, Text.line(broken.getMessage(), QUOTED));
      case null, default -> new Unanswered<>(Kind.FAILED, "the connection broke");
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
