package dev.drydock.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier;
import dev.drydock.port.Notifier.Destination;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import dev.drydock.port.Outbox;
import dev.drydock.port.OutboxContract;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChannelOutboxTest extends OutboxContract {
  private final Service service = new Service();
  private final ChannelOutbox outbox = new ChannelOutbox(service, Clock.systemUTC());

  @BeforeEach
  void open() {
    outbox.configure("ns", "ops", settings("ops"));
  }

  @AfterEach
  void close() {
    release();
    outbox.close();
  }

  @Override
  protected Outbox outbox() {
    return outbox;
  }

  @Override
  protected void hold() {
    service.gate.drainPermits();
  }

  @Override
  protected void release() {
    service.gate.release(1_000_000);
  }

  @Override
  protected List<String> arrived() {
    return service.arrived.stream().map(Alert::key).toList();
  }

  @Override
  protected void awaitOnItsWay() {
    await().until(service.gate::hasQueuedThreads);
  }

  @Test
  void aChannelThatHangsDelaysNoOther() {
    outbox.configure("ns", "broken", settings("broken"));
    hold();
    outbox.offer("ns", "broken", alert("a", Severity.CRITICAL, Phase.FIRING));
    awaitOnItsWay();
    service.gate.release(1);
    outbox.offer("ns", "ops", alert("b", Severity.CRITICAL, Phase.FIRING));
    await().untilAsserted(() -> assertThat(arrived()).isNotEmpty());
  }

  @Test
  void channelsThatHangDelayTheStopTogetherAndNotOneAfterTheOther() {
    hold();
    List<String> names = List.of("a", "b", "c", "d", "e");
    for (String name : names) {
      outbox.configure("ns", name, settings(name));
      outbox.offer("ns", name, alert(name, Severity.CRITICAL, Phase.FIRING));
    }
    await().until(() -> service.gate.getQueueLength() == names.size());
    long start = System.nanoTime();
    outbox.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    await().until(() -> service.gate.getQueueLength() == 0);
    assertThat(arrived()).isEmpty();
  }

  @Test
  void triesAgainAtOnceWhenTheChannelIsMended() {
    service.problem = new Problem(true, "403", null);
    Alert alert = alert("a", Severity.CRITICAL, Phase.FIRING);
    outbox.offer("ns", "ops", alert);
    await().until(() -> outbox.journal("ns", "ops").failed() == 1);
    assertThat(outbox.journal("ns", "ops").problem()).isEqualTo(new Problem(true, "403", null));
    service.problem = null;
    outbox.configure("ns", "ops", settings("mended"));
    await().atMost(Duration.ofSeconds(1)).until(() -> arrived().contains(alert.key()));
    await().until(() -> outbox.journal("ns", "ops").problem() == null);
    assertThat(outbox.journal("ns", "ops").failed()).isZero();
  }

  @Test
  void goesOnAfterAMessageThatCouldNotBeMade() {
    service.bug = true;
    outbox.offer("ns", "ops", alert("a", Severity.CRITICAL, Phase.FIRING));
    await().until(() -> outbox.journal("ns", "ops").failed() > 0);
    service.bug = false;
    outbox.configure("ns", "ops", settings("mended"));
    await().until(() -> arrived().size() == 1);
    assertThat(outbox.journal("ns", "ops").lastDelivery()).isNotNull();
  }

  @Test
  void goesOnAfterAListenerThatThrows() {
    var calls = new AtomicInteger();
    outbox.whenDelivered(
        _ -> {
          calls.incrementAndGet();
          throw new IllegalStateException("a listener's bug");
        });
    outbox.offer("ns", "ops", alert("a", Severity.CRITICAL, Phase.FIRING));
    await().until(() -> calls.get() == 1);
    Alert next = alert("b", Severity.CRITICAL, Phase.FIRING);
    outbox.offer("ns", "ops", next);
    await().untilAsserted(() -> assertThat(arrived()).contains(next.key()));
  }

  @Test
  void whoHeardOfAStartIsToHearOfTheEndThoughTheChannelWantsNoneOfThoseAnyMore() {
    Alert onItsWay = alert("a", Severity.WARNING, Phase.FIRING);
    Alert waiting = alert("b", Severity.WARNING, Phase.FIRING);
    hold();
    outbox.offer("ns", "ops", onItsWay);
    awaitOnItsWay();
    outbox.offer("ns", "ops", waiting);
    outbox.configure("ns", "ops", settings("ops", Severity.CRITICAL));
    assertThat(outbox.offer("ns", "ops", onItsWay)).isEqualTo(new Outbox.Delivery.Underway());
    assertThat(outbox.withdraw("ns", "ops", onItsWay)).isEqualTo(new Outbox.Delivery.Underway());
    assertThat(outbox.offer("ns", "ops", waiting)).isEqualTo(new Outbox.Delivery.NotWanted());
    release();
    await()
        .untilAsserted(
            () ->
                assertThat(outbox.offer("ns", "ops", onItsWay))
                    .isInstanceOf(Outbox.Delivery.Delivered.class));
    assertThat(outbox.withdraw("ns", "ops", onItsWay))
        .isInstanceOf(Outbox.Delivery.Delivered.class);
    Alert end = alert("a", Severity.WARNING, Phase.RESOLVED);
    outbox.offer("ns", "ops", end);
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(onItsWay.key(), end.key()));
  }

  @Test
  void takesATestWhateverItsSeverity() {
    var test =
        new Alert(
            "t", Phase.NOTICE, Severity.INFO, "x", "s", "", Map.of(), Instant.EPOCH, null, null);
    assertThat(outbox.offer("ns", "ops", test)).isInstanceOf(Outbox.Delivery.Underway.class);
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(test.key()));
  }

  @Test
  void remindsAlertmanagerOfWhatGoesOnAndNobodyElse() {
    Alert alert = alert("a", Severity.CRITICAL, Phase.FIRING);
    outbox.sustain("ns", "ops", alert);
    outbox.configure(
        "ns",
        "alertmanager",
        new ChannelSettings(
            new Destination.Alertmanager("http://example.invalid", Map.of(), Map.of()),
            Severity.INFO,
            Duration.ZERO,
            600));
    outbox.sustain("ns", "alertmanager", alert);
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(alert.key()));
    assertThat(service.destinations).allMatch(Destination.Alertmanager.class::isInstance);
  }

  @Test
  void isSilentAfterAChannelIsRemoved() {
    outbox.remove("ns", "ops");
    assertThat(outbox.offer("ns", "ops", alert("a", Severity.CRITICAL, Phase.FIRING)))
        .isEqualTo(new Outbox.Delivery.NoSuchChannel());
    assertThat(outbox.journal("ns", "ops")).isEqualTo(Journal.EMPTY);
    assertThat(arrived()).isEmpty();
  }

  private static ChannelSettings settings(String url) {
    return settings(url, Severity.WARNING);
  }

  private static ChannelSettings settings(String url, Severity least) {
    return new ChannelSettings(
        new Destination.Slack("https://example.invalid/" + url), least, Duration.ZERO, 600);
  }

  /** A service that can be held up, and that says no when it is told to. */
  private static final class Service implements Notifier {
    private final List<Alert> arrived = new CopyOnWriteArrayList<>();
    private final List<Destination> destinations = new CopyOnWriteArrayList<>();
    private final Semaphore gate = new Semaphore(1_000_000);
    private volatile @org.jspecify.annotations.Nullable Problem problem;
    private volatile boolean bug;

    @Override
    public Sent send(Destination destination, List<Alert> alerts, Duration deadline) {
      try {
        gate.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Sent(Set.of(), Optional.of(new Problem(false, "stopping", null)));
      }
      if (bug) {
        throw new IllegalStateException("a bug");
      }
      Problem now = problem;
      if (now != null) {
        return new Sent(Set.of(), Optional.of(now));
      }
      arrived.addAll(alerts);
      destinations.add(destination);
      return new Sent(
          alerts.stream().map(Alert::key).collect(Collectors.toSet()), Optional.empty());
    }
  }
}
