package dev.drydock.adapter.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier.Destination.Email;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailerTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final String ARCHIVE = "archive@example.org";
  private static final String ONCALL = "oncall@example.org";
  private static final String HANGS_UP = "";

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private Instant now = NOON;

  @SuppressWarnings("NullAway.Init")
  private ServerSocket server;

  private final Mailer mailer =
      new Mailer(
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now;
            }
          });

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  Socket client = server.accept();
                  Thread.ofVirtual().start(() -> serve(client));
                }
              } catch (IOException e) {
                // Closed.
              }
            });
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** A mail server that answers to each recipient as it is told to. */
  private void serve(Socket client) {
    try (client;
        var in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
        OutputStream out = client.getOutputStream()) {
      say(out, "220 test");
      var to = new ArrayList<String>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String command = line.toUpperCase(Locale.ROOT);
        if (command.startsWith("RCPT")) {
          String recipient = line.replaceAll(".*<|>.*", "");
          String answer = answers.getOrDefault(recipient, "250 ok");
          if (answer.equals(HANGS_UP)) {
            return;
          }
          if (answer.startsWith("2")) {
            to.add(recipient);
          }
          say(out, answer);
          if (answer.startsWith("421")) {
            return;
          }
        } else if (command.equals("DATA")) {
          say(out, "354 go on");
          String subject = "";
          for (line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            subject = line.startsWith("Subject: ") ? line.substring(9) : subject;
          }
          for (String recipient : to) {
            arrived.add(recipient + " " + subject);
          }
          to.clear();
          say(out, "250 ok");
        } else {
          say(out, command.startsWith("QUIT") ? "221 bye" : "250 ok");
        }
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(UTF_8));
    out.flush();
  }

  @Test
  void triesThoseAgainWhoDoNotHaveItAndNobodyElse() {
    answers.put(ONCALL, "450 greylisted, come back");
    Sent sent = send(alert("a"));
    assertThat(sent.accepted()).isEmpty();
    Problem problem = sent.problem().orElseThrow();
    assertThat(problem.refused()).isFalse();
    assertThat(problem.message()).contains("for oncall@example.org", "450 greylisted");
    assertThat(sent.partly()).as("others need not wait").containsExactly(alert("a").key());
    Sent both = send(alert("a"), alert("b"));
    assertThat(both.accepted()).isEmpty();
    assertThat(both.partly()).containsExactlyInAnyOrder(alert("a").key(), alert("b").key());
    assertThat(arrived)
        .containsExactly(
            "archive@example.org [drydock] Critical: a",
            "archive@example.org [drydock] Critical: b");

    answers.clear();
    Sent all = send(alert("a"), alert("b"));
    assertThat(all.problem()).isEmpty();
    assertThat(all.partly()).isEmpty();
    assertThat(all.accepted()).containsExactlyInAnyOrder(alert("a").key(), alert("b").key());
    assertThat(arrived).hasSize(3);
    assertThat(arrived.getLast())
        .isEqualTo("oncall@example.org [drydock] 2 alerts, first Critical: a");
  }

  @Test
  void saysWhoIsRefusedForGoodAndGoesOnForTheOthers() {
    answers.put(ONCALL, "550 no such user");
    Sent sent = send(alert("a"));
    assertThat(sent.accepted()).containsExactly(alert("a").key());
    assertThat(sent.problem())
        .hasValueSatisfying(
            problem -> {
              assertThat(problem.refused()).isTrue();
              assertThat(problem.message()).contains("for oncall@example.org", "no such user");
            });
    assertThat(arrived).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"421 too many errors", HANGS_UP})
  void oneOnWhomTheServerHangsUpKeepsTheMailFromNobody(String answer) {
    answers.put(ARCHIVE, answer);
    Sent sent = send(alert("a"));
    assertThat(arrived).containsExactly("oncall@example.org [drydock] Critical: a");
    assertThat(sent.accepted()).isEmpty();
    assertThat(sent.partly()).containsExactly(alert("a").key());
    assertThat(sent.problem())
        .hasValueSatisfying(
            problem -> {
              assertThat(problem.refused()).isFalse();
              assertThat(problem.message()).startsWith("for archive@example.org: ");
            });

    answers.clear();
    assertThat(send(alert("a")).accepted()).containsExactly(alert("a").key());
    assertThat(arrived).hasSize(2);
  }

  @Test
  void givesUpNobodyAsLongAsNobodyHasIt() {
    answers.put(ONCALL, "550 no such user");
    answers.put(ARCHIVE, "550 no such user");
    for (int i = 0; i < 2; i++) {
      Sent sent = send(alert("a"));
      assertThat(sent.accepted()).isEmpty();
      assertThat(sent.partly()).isEmpty();
      assertThat(sent.problem()).hasValueSatisfying(p -> assertThat(p.refused()).isTrue());
    }
    answers.clear();
    assertThat(send(alert("a")).accepted()).hasSize(1);
    assertThat(arrived).hasSize(2);
  }

  @Test
  void triesARecipientNoLongerThanAPageIsOfUse() {
    answers.put(ONCALL, "552 mailbox full");
    assertThat(send(alert("a")).accepted()).isEmpty();
    now = NOON.plus(Duration.ofMinutes(59));
    assertThat(send(alert("a")).accepted()).isEmpty();
    now = NOON.plus(Duration.ofMinutes(61));
    Sent sent = send(alert("a"));
    assertThat(sent.accepted()).hasSize(1);
    assertThat(sent.problem()).as("and is told of").isPresent();
    assertThat(arrived).hasSize(1);
  }

  private Sent send(Alert... alerts) {
    var email =
        new Email(
            List.of(ARCHIVE, ONCALL),
            "drydock@example.org",
            "127.0.0.1",
            server.getLocalPort(),
            null,
            null,
            Email.Security.NONE);
    return mailer.send(email, List.of(alerts), Duration.ofSeconds(10));
  }

  private static Alert alert(String name) {
    return new Alert(
        name, Phase.FIRING, Severity.CRITICAL, "test", name, "", Map.of(), NOON, null, null);
  }
}
