package dev.drydock.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Outbox.Delivery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What every {@link Outbox} does, so that what is proven with a fake is true with the real one. */
public abstract class OutboxContract {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  /** An outbox with the channel {@code ns/ops}, which takes {@code Warning} and worse. */
  protected abstract Outbox outbox();

  /** Keeps what is offered from now on under way. */
  protected abstract void hold();

  /** Lets everything through again. */
  protected abstract void release();

  /** Keys of what has arrived at {@code ns/ops}. */
  protected abstract List<String> arrived();

  @Test
  void deliversOnceWhatIsOfferedAgainAndAgain() {
    Outbox outbox = outbox();
    Alert alert = alert("a", Severity.WARNING, Phase.FIRING);
    await()
        .untilAsserted(
            () ->
                assertThat(outbox.offer("ns", "ops", alert))
                    .isInstanceOf(Delivery.Delivered.class));
    assertThat(outbox.offer("ns", "ops", alert)).isInstanceOf(Delivery.Delivered.class);
    assertThat(arrived()).containsExactly(alert.key());
  }

  @Test
  void saysThatAnAlertIsUnderWay() {
    Outbox outbox = outbox();
    hold();
    Alert alert = alert("a", Severity.WARNING, Phase.FIRING);
    assertThat(outbox.offer("ns", "ops", alert)).isEqualTo(new Delivery.Underway());
    assertThat(outbox.offer("ns", "ops", alert)).isEqualTo(new Delivery.Underway());
    release();
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(alert.key()));
  }

  @Test
  void takesBackWhatWaits() {
    Outbox outbox = outbox();
    hold();
    Alert first = alert("first", Severity.WARNING, Phase.FIRING);
    outbox.offer("ns", "ops", first);
    awaitOnItsWay();
    Alert second = alert("second", Severity.WARNING, Phase.FIRING);
    outbox.offer("ns", "ops", second);
    assertThat(outbox.withdraw("ns", "ops", second)).isEqualTo(new Delivery.Withdrawn());
    release();
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(first.key()));
    assertThat(outbox.withdraw("ns", "ops", first)).isInstanceOf(Delivery.Delivered.class);
  }

  /** Waits until the first alert that is held can't be taken back any more. */
  protected abstract void awaitOnItsWay();

  @Test
  void doesNotBotherAChannelWithLess() {
    assertThat(outbox().offer("ns", "ops", alert("a", Severity.INFO, Phase.FIRING)))
        .isEqualTo(new Delivery.NotWanted());
  }

  @Test
  void takesNewsOfAChecksSeverityAlone() {
    Outbox outbox = outbox();
    Map<String, String> check = Map.of("policy", "fleet", "check", "load");
    assertThat(outbox.offer("ns", "ops", notice("a", Severity.INFO, check)))
        .isEqualTo(new Delivery.NotWanted());
    Alert news = notice("b", Severity.WARNING, check);
    Alert report = notice("c", Severity.INFO, Map.of("policy", "fleet"));
    assertThat(outbox.offer("ns", "ops", news)).isEqualTo(new Delivery.Underway());
    assertThat(outbox.offer("ns", "ops", report)).isEqualTo(new Delivery.Underway());
    await().untilAsserted(() -> assertThat(arrived()).contains(news.key(), report.key()));
  }

  private static Alert notice(String fingerprint, Severity severity, Map<String, String> labels) {
    return new Alert(
        fingerprint, Phase.NOTICE, severity, "source", "news", "", labels, NOON, null, null);
  }

  @Test
  void tellsOfTheEndWhateverItsSeverity() {
    Outbox outbox = outbox();
    Alert end = alert("a", Severity.INFO, Phase.RESOLVED);
    assertThat(outbox.offer("ns", "ops", end)).isEqualTo(new Delivery.Underway());
    await().untilAsserted(() -> assertThat(arrived()).containsExactly(end.key()));
  }

  @Test
  void doesNotKnowWhatWasSentBeforeItStarted() {
    Outbox outbox = outbox();
    assertThat(outbox.withdraw("ns", "ops", alert("a", Severity.WARNING, Phase.FIRING)))
        .isEqualTo(new Delivery.MayHaveArrived());
    assertThat(outbox.withdraw("ns", "ops", alert("a", Severity.INFO, Phase.FIRING)))
        .isEqualTo(new Delivery.NotWanted());
  }

  @Test
  void saysThatThereIsNoSuchChannel() {
    Alert alert = alert("a", Severity.CRITICAL, Phase.FIRING);
    assertThat(outbox().offer("ns", "nowhere", alert)).isEqualTo(new Delivery.NoSuchChannel());
    assertThat(outbox().offer("other", "ops", alert)).isEqualTo(new Delivery.NoSuchChannel());
    assertThat(outbox().withdraw("ns", "nowhere", alert)).isEqualTo(new Delivery.NoSuchChannel());
    outbox().sustain("ns", "nowhere", alert);
    assertThat(arrived()).isEmpty();
  }

  @Test
  void callsListenersAfterADelivery() {
    Outbox outbox = outbox();
    var heard = new CopyOnWriteArrayList<Alert>();
    outbox.whenDelivered(heard::add);
    Alert alert = alert("a", Severity.CRITICAL, Phase.RESOLVED);
    outbox.offer("ns", "ops", alert);
    await().untilAsserted(() -> assertThat(heard).containsExactly(alert));
  }

  protected static Alert alert(String fingerprint, Severity severity, Phase phase) {
    return new Alert(
        fingerprint,
        phase,
        severity,
        "HostHealthPolicy/ns/fleet",
        "summary",
        "",
        Map.of("policy", "fleet"),
        NOON,
        phase == Phase.RESOLVED ? NOON.plusSeconds(60) : null,
        null);
  }
}
