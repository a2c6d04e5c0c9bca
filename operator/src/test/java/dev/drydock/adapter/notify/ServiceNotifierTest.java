package dev.drydock.adapter.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier.Destination;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNotifierTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final String SECRET_PATH = "/services/T0123/B4567/veryverysecret";
  private static final String ROUTING_KEY = "r0ut1ngkey0123456789abcdef012345";
  private static final String TOKEN = "Bearer t0ken-of-the-webhook";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Alert FIRING =
      alert("fp-1", Phase.FIRING, Severity.CRITICAL, "ethbig: disk: <full> & more");
  private static final Alert RESOLVED =
      alert("fp-2", Phase.RESOLVED, Severity.WARNING, "ethbig: load: high");
  private static final Alert NOTICE = alert("fp-3", Phase.NOTICE, Severity.INFO, "a report");

  private final ServiceNotifier notifier = new ServiceNotifier(Clock.fixed(NOON, ZoneOffset.UTC));
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);

  private Duration deadline = Duration.ofSeconds(10);
  private volatile Answer answer = Answer.of(200, "ok");

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  private record Received(String path, Headers headers, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** How the server answers; a body that is null never ends. */
  private record Answer(
      int status, Map<String, String> headers, @Nullable String body, boolean hangs) {
    static Answer of(int status, String body) {
      return new Answer(status, Map.of(), body, false);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          Answer now = answer;
          received.add(
              new Received(
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders(),
                  new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
          try {
            if (now.hangs()) {
              stop.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          now.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
          String body = now.body();
          exchange.sendResponseHeaders(now.status(), 0);
          try (OutputStream out = exchange.getResponseBody()) {
            if (body == null) {
              byte[] noise = "x".repeat(4096).getBytes(UTF_8);
              while (stop.getCount() > 0) {
                out.write(noise);
              }
            } else {
              out.write(body.getBytes(UTF_8));
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    stop.countDown();
    notifier.close();
    server.stop(0);
  }

  @Test
  void writesToSlackWithItsCharactersEscaped() {
    assertThat(delivered(slack(), List.of(FIRING, RESOLVED))).hasSize(2);
    assertThat(received).hasSize(1);
    assertThat(received.getFirst().path()).isEqualTo(SECRET_PATH);
    assertThat(received.getFirst().headers().getFirst("Content-Type"))
        .isEqualTo("application/json");
    assertThat(received.getFirst().json().path("text").asText())
        .isEqualTo(
            """
            :rotating_light: *Critical* ethbig: disk: &lt;full&gt; &amp; more
            load 4.0
            _HostHealthPolicy/ns/fleet, since 2026-11-23T12:00:00Z_
            :white_check_mark: *Resolved* ethbig: load: high
            load 4.0
            _HostHealthPolicy/ns/fleet, since 2026-11-23T12:00:00Z_\
            """);
  }

  @Test
  void triggersAndResolvesAnIncidentOfPagerDuty() {
    assertThat(delivered(pagerDuty(), List.of(FIRING, RESOLVED))).hasSize(2);
    assertThat(received).hasSize(2);
    JsonNode trigger = received.get(0).json();
    assertThat(trigger.path("event_action").asText()).isEqualTo("trigger");
    assertThat(trigger.path("routing_key").asText()).isEqualTo(ROUTING_KEY);
    assertThat(trigger.path("dedup_key").asText()).isEqualTo("fp-1");
    JsonNode payload = trigger.path("payload");
    assertThat(payload.path("summary").asText()).isEqualTo("Critical: ethbig: disk: <full> & more");
    assertThat(payload.path("severity").asText()).isEqualTo("critical");
    assertThat(payload.path("timestamp").asText()).isEqualTo("2026-11-23T12:00:00Z");
    assertThat(payload.path("custom_details").path("host").asText()).isEqualTo("ethbig");
    JsonNode resolve = received.get(1).json();
    assertThat(resolve.path("event_action").asText()).isEqualTo("resolve");
    assertThat(resolve.path("dedup_key").asText()).isEqualTo("fp-2");
    assertThat(resolve.has("payload")).isFalse();
  }

  @Test
  void closesANoticeOfPagerDutyAtOnce() {
    delivered(pagerDuty(), List.of(NOTICE));
    assertThat(received)
        .extracting(r -> r.json().path("event_action").asText())
        .containsExactly("trigger", "resolve");
  }

  @Test
  void aRefusedEventKeepsNoOtherFromPagerDuty() {
    answer = Answer.of(400, "bad event");
    Sent sent = send(pagerDuty(), List.of(FIRING, RESOLVED));
    assertThat(sent.accepted()).isEmpty();
    assertThat(sent.untried()).isZero();
    assertThat(received).hasSize(2);
  }

  @Test
  void pagerDutyIsNotAskedFurtherWhileItIsBroken() {
    answer = Answer.of(503, "maintenance");
    Sent sent = send(pagerDuty(), List.of(FIRING, RESOLVED));
    assertThat(sent.accepted()).isEmpty();
    assertThat(sent.untried()).isEqualTo(1);
    assertThat(received).hasSize(1);
  }

  @Test
  void postsToAlertmanagerWhatItIdentifiesAnAlertBy() {
    delivered(
        new Destination.Alertmanager(
            url("/prefix/"), Map.of("Authorization", TOKEN), Map.of("team", "ops", "host", "over")),
        List.of(FIRING, RESOLVED));
    assertThat(received.getFirst().path()).isEqualTo("/prefix/api/v2/alerts");
    assertThat(received.getFirst().headers().getFirst("Authorization")).isEqualTo(TOKEN);
    JsonNode first = received.getFirst().json().get(0);
    assertThat(first.path("labels").toString())
        .isEqualTo(
            "{\"host\":\"ethbig\",\"team\":\"ops\",\"alertname\":\"DrydockRootDisk\","
                + "\"check\":\"root-disk\",\"severity\":\"critical\","
                + "\"drydock\":\"HostHealthPolicy/ns/fleet\"}");
    assertThat(first.path("startsAt").asText()).isEqualTo("2026-11-23T12:00:00Z");
    assertThat(first.path("endsAt").asText()).isEqualTo("2026-11-23T12:15:00Z");
    JsonNode second = received.getFirst().json().get(1);
    assertThat(second.path("endsAt").asText()).isEqualTo("2026-11-23T12:05:00Z");
    assertThat(second.path("annotations").path("summary").asText()).isEqualTo("ethbig: load: high");
  }

  @Test
  void signsWhatAWebhookGets() throws Exception {
    delivered(
        new Destination.Webhook(url("/hook"), Map.of("Authorization", TOKEN), "hmac-key"),
        List.of(FIRING, RESOLVED));
    Received request = received.getFirst();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("hmac-key".getBytes(UTF_8), "HmacSHA256"));
    assertThat(request.headers().getFirst("X-Drydock-Signature"))
        .isEqualTo(
            "sha256=" + HexFormat.of().formatHex(mac.doFinal(request.body().getBytes(UTF_8))));
    assertThat(request.headers().getFirst("Authorization")).isEqualTo(TOKEN);
    JsonNode document = request.json();
    assertThat(document.path("version").asText()).isEqualTo("1");
    JsonNode first = document.path("alerts").get(0);
    assertThat(first.path("fingerprint").asText()).isEqualTo("fp-1");
    assertThat(first.path("status").asText()).isEqualTo("firing");
    assertThat(first.has("endedAt")).isFalse();
    assertThat(document.path("alerts").get(1).path("endedAt").asText())
        .isEqualTo("2026-11-23T12:05:00Z");
  }

  @Test
  void doesNotSignWithoutAKey() {
    delivered(new Destination.Webhook(url("/hook"), Map.of(), null), List.of(FIRING));
    assertThat(received.getFirst().headers()).doesNotContainKey("X-Drydock-Signature");
  }

  @Test
  void sendsAMailForAGroup() throws Exception {
    GreenMail mail = mailServer();
    try {
      mail.setUser("drydock@example.org", "drydock", "pass word");
      delivered(email(mail, "drydock", "pass word"), List.of(FIRING, RESOLVED));
      delivered(email(mail, "drydock", "pass word"), List.of(RESOLVED, FIRING));
      MimeMessage[] messages = mail.getReceivedMessages();
      assertThat(messages).hasSize(2);
      assertThat(messages[0].getSubject())
          .isEqualTo("[drydock] 2 alerts, first Critical: ethbig: disk: <full> & more");
      assertThat(messages[0].getFrom()[0]).hasToString("drydock@example.org");
      assertThat(messages[0].getAllRecipients()[0]).hasToString("ops@example.org");
      assertThat(messages[0].getHeader("X-Priority")).containsExactly("1");
      assertThat(messages[0].getHeader("Auto-Submitted")).containsExactly("auto-generated");
      assertThat(String.valueOf(messages[0].getContent()))
          .contains("Critical: ethbig: disk: <full> & more", "Since 2026-11-23T12:00:00Z")
          .contains("ended after 5m");
      assertThat(messages[0].getMessageID())
          .as("a group that is sent again is the same mail")
          .isEqualTo(messages[1].getMessageID());
    } finally {
      mail.stop();
    }
  }

  @Test
  void saysThatTheMailServerRefusedThePassword() {
    GreenMail mail = mailServer();
    try {
      mail.setUser("drydock@example.org", "drydock", "right");
      Problem problem = problem(email(mail, "drydock", "wr0ng-pass"));
      assertThat(problem.refused()).isTrue();
      assertThat(problem.message()).contains("username or password").doesNotContain("wr0ng-pass");
    } finally {
      mail.stop();
    }
  }

  @Test
  void saysThatTheMailServerHasNoStartTls() {
    GreenMail mail = mailServer();
    try {
      Problem problem =
          problem(
              new Destination.Email(
                  List.of("ops@example.org"),
                  "drydock@example.org",
                  "127.0.0.1",
                  mail.getSmtp().getPort(),
                  null,
                  null,
                  Destination.Security.START_TLS));
      assertThat(problem.refused()).isTrue();
      assertThat(problem.message()).contains("STARTTLS");
      assertThat(mail.getReceivedMessages()).isEmpty();
    } finally {
      mail.stop();
    }
  }

  @Test
  void waitsForASilentMailServerNoLongerThanTheDeadline() throws IOException {
    deadline = Duration.ofSeconds(1);
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Problem problem =
          problem(
              new Destination.Email(
                  List.of("ops@example.org"),
                  "drydock@example.org",
                  "127.0.0.1",
                  silent.getLocalPort(),
                  null,
                  null,
                  Destination.Security.NONE));
      assertThat(problem.refused()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "500, false",
    "502, false",
    "503, false",
    "408, false",
    "429, false",
    "400, true",
    "401, true",
    "403, true",
    "404, true",
    "410, true",
    "301, true",
    "307, true"
  })
  void saysWhetherItIsWorthTryingAgain(int status, boolean refused) {
    answer = Answer.of(status, "because");
    Problem problem = problem(slack());
    assertThat(problem.refused()).isEqualTo(refused);
    assertThat(problem.message()).contains("answered " + status).contains("because");
    assertThat(problem.retryAfter()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"429, 7, PT7S", "503, 120, PT2M", "429, 'Wed, 21 Oct 2026 07:28:00 GMT',", "404, 7,"})
  void readsRetryAfter(int status, String header, @Nullable Duration expected) {
    answer = new Answer(status, Map.of("Retry-After", header), "slow down", false);
    assertThat(problem(slack()).retryAfter()).isEqualTo(expected);
  }

  @Test
  void carriesNoSecretToWhereARedirectPoints() {
    answer = new Answer(302, Map.of("Location", url("/elsewhere")), "", false);
    Problem problem = problem(slack());
    assertThat(problem.refused()).isTrue();
    assertThat(problem.message()).contains("redirects are not followed");
    assertThat(received).hasSize(1);
  }

  @Test
  void waitsForAServerThatHangsNoLongerThanTheDeadline() {
    deadline = Duration.ofSeconds(1);
    answer = new Answer(200, Map.of(), "late", true);
    for (Destination destination : List.of(slack(), pagerDuty(), webhook())) {
      Problem problem = problem(destination);
      assertThat(problem.refused()).isFalse();
      assertThat(problem.message()).contains("in time");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202})
  void takesAnAcceptedMessageForAcceptedHoweverLongTheAnswerIs(int status) {
    answer = Answer.of(status, "<html>".repeat(10_000));
    assertThat(delivered(slack(), List.of(FIRING))).containsExactly(FIRING.key());
    answer = new Answer(status, Map.of(), null, false);
    assertThat(delivered(slack(), List.of(FIRING))).containsExactly(FIRING.key());
  }

  @Test
  void readsNoMoreOfAnErrorThanItNeeds() {
    answer = new Answer(500, Map.of(), null, false);
    Problem problem = problem(slack());
    assertThat(problem.message()).contains("answered 500").hasSizeLessThan(300);
    answer = Answer.of(404, "no\r\nsuch\u0000hook" + "x".repeat(50_000));
    assertThat(problem(slack()).message()).contains("no such hook").hasSizeLessThan(300);
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Problem problem = problem(new Destination.Slack("http://127.0.0.1:" + port + SECRET_PATH));
    assertThat(problem.refused()).isFalse();
    assertThat(problem.message()).isEqualTo("127.0.0.1:" + port + ": connection refused");
  }

  @Test
  void saysThatThereIsNoSuchName() {
    Problem problem = problem(new Destination.Slack("http://no-such-host.invalid" + SECRET_PATH));
    assertThat(problem.message()).isEqualTo("no-such-host.invalid: no such host name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "hooks.slack.com/x", "ftp://x/y", "http://", "http://a b/c", "mailto:a@b"})
  void saysThatTheSecretHoldsNoUrl(String url) {
    Problem problem = problem(new Destination.Slack(url));
    assertThat(problem.refused()).isTrue();
    assertThat(problem.message()).contains("the URL or a header in the Secret can't be used");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500, 302, 429})
  void tellsNoSecretThatAServerEchoes(int status) {
    String echo = "Cannot POST %s with %s and %s for x".formatted(SECRET_PATH, ROUTING_KEY, TOKEN);
    for (String body : List.of(echo, "x".repeat(110) + echo, "x".repeat(130) + echo)) {
      answer = new Answer(status, Map.of("Location", SECRET_PATH), body, false);
      for (Destination destination : List.of(slack(), pagerDuty(), webhook())) {
        String message = problem(destination).message();
        switch (destination) {
          case Destination.Slack _ -> assertThat(message).doesNotContain("T0123", "B4567", "veryv");
          case Destination.PagerDuty _ -> assertThat(message).doesNotContain("r0ut1ng");
          default -> assertThat(message).doesNotContain("t0ken", "hmac-key");
        }
      }
    }
  }

  @Test
  void keepsSecretsOutOfWhatIsLogged() {
    assertThat(List.of(slack(), pagerDuty(), webhook()).toString())
        .doesNotContain("T0123", ROUTING_KEY, TOKEN, "hmac-key");
  }

  private Destination slack() {
    return new Destination.Slack(url(SECRET_PATH));
  }

  private Destination pagerDuty() {
    return new Destination.PagerDuty(url("/v2/enqueue"), ROUTING_KEY);
  }

  private Destination webhook() {
    return new Destination.Webhook(url("/hook"), Map.of("Authorization", TOKEN), "hmac-key");
  }

  private static Destination email(GreenMail mail, String username, String password) {
    return new Destination.Email(
        List.of("ops@example.org"),
        "drydock@example.org",
        "127.0.0.1",
        mail.getSmtp().getPort(),
        username,
        password,
        Destination.Security.NONE);
  }

  private static GreenMail mailServer() {
    var mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    return mail;
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private Iterable<String> delivered(Destination destination, List<Alert> alerts) {
    Sent sent = send(destination, alerts);
    assertThat(sent.problem()).isEmpty();
    assertThat(sent.accepted()).hasSize(alerts.size());
    return sent.accepted();
  }

  private Problem problem(Destination destination) {
    Sent sent = send(destination, List.of(FIRING));
    assertThat(sent.accepted()).isEmpty();
    return sent.problem().orElseThrow();
  }

  private Sent send(Destination destination, List<Alert> alerts) {
    long start = System.nanoTime();
    Sent sent = notifier.send(destination, alerts, deadline);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThanOrEqualTo(deadline.plus(GRACE));
    return sent;
  }

  private static Alert alert(String fingerprint, Phase phase, Severity severity, String summary) {
    return new Alert(
        fingerprint,
        phase,
        severity,
        "HostHealthPolicy/ns/fleet",
        summary,
        "load 4.0",
        Map.of("host", "ethbig", "check", "root-disk"),
        NOON,
        phase == Phase.RESOLVED ? NOON.plusSeconds(300) : null,
        null);
  }
}
