package dev.drydock.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.Severity;
import dev.drydock.notification.ChannelQueue.Idle;
import dev.drydock.notification.ChannelQueue.Next;
import dev.drydock.notification.ChannelQueue.Send;
import dev.drydock.notification.ChannelQueue.WaitUntil;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import dev.drydock.port.Notifier.Destination;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import dev.drydock.port.Outbox.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChannelQueueTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final ChannelSettings SETTINGS = settings(Duration.ofSeconds(5), 20);

  private final ChannelQueue queue = new ChannelQueue();

  @Test
  void waitsForTheGroupAndSendsTheMostSevereFirst() {
    assertThat(queue.next(SETTINGS, NOON)).isEqualTo(new Idle());
    queue.offer(alert("a", Severity.INFO), NOON);
    assertThat(queue.next(SETTINGS, NOON)).isEqualTo(new WaitUntil(NOON.plusSeconds(5)));
    queue.offer(alert("b", Severity.CRITICAL), NOON.plusSeconds(4));
    assertThat(sent(queue.next(SETTINGS, NOON.plusSeconds(5)))).containsExactly("b", "a");
  }

  @Test
  void sendsWhatWasDeliveredOnlyOnce() {
    Alert alert = alert("a", Severity.INFO);
    assertThat(queue.offer(alert, NOON)).isEqualTo(new Delivery.Underway());
    assertThat(queue.offer(alert, NOON)).isEqualTo(new Delivery.Underway());
    assertThat(deliverAll(NOON.plusSeconds(5))).containsExactly("a");
    assertThat(queue.offer(alert, NOON.plusSeconds(6)))
        .isEqualTo(new Delivery.Delivered(NOON.plusSeconds(5)));
    assertThat(queue.offer(alert, NOON.plus(Duration.ofMinutes(59))))
        .isInstanceOf(Delivery.Delivered.class);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void tellsOneOccurrenceFromTheNext() {
    queue.offer(alert("a", Phase.FIRING, NOON), NOON);
    assertThat(deliverAll(NOON.plusSeconds(5))).hasSize(1);
    queue.offer(alert("a", Phase.RESOLVED, NOON), NOON.plusSeconds(6));
    queue.offer(alert("a", Phase.FIRING, NOON.plusSeconds(7)), NOON.plusSeconds(7));
    assertThat(deliverAll(NOON.plusSeconds(20))).hasSize(2);
  }

  @Test
  void takesBackWhatWasNotSentYet() {
    Alert alert = alert("a", Severity.INFO);
    queue.offer(alert, NOON);
    assertThat(queue.withdraw(alert)).isEqualTo(new Delivery.Withdrawn());
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(60))).isEqualTo(new Idle());
  }

  @Test
  void doesNotKnowWhetherAFailedTryHasArrived() {
    Alert alert = alert("a", Severity.INFO);
    queue.offer(alert, NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    fail(NOON.plusSeconds(6), null, 0);
    assertThat(queue.withdraw(alert)).isEqualTo(new Delivery.MayHaveArrived());
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.withdraw(alert("never offered", Severity.INFO)))
        .isEqualTo(new Delivery.MayHaveArrived());
  }

  @Test
  void oneThatIsRefusedKeepsNoOtherBack() {
    for (String name : List.of("a", "poison", "b")) {
      queue.offer(alert(name, Severity.INFO), NOON);
    }
    var arrived = new HashSet<String>();
    Instant now = NOON.plusSeconds(5);
    for (int i = 0; i < 600; i++) {
      now = now.plusSeconds(1);
      if (queue.next(SETTINGS, now) instanceof Send(List<Alert> alerts)) {
        boolean refused = alerts.stream().anyMatch(a -> a.fingerprint().equals("poison"));
        if (!refused) {
          alerts.forEach(a -> arrived.add(a.fingerprint()));
        }
        queue.done(
            refused
                ? new Sent(Set.of(), Optional.of(new Problem(true, "400", null)))
                : new Sent(
                    alerts.stream().map(Alert::key).collect(Collectors.toSet()), Optional.empty()),
            now,
            1);
      }
    }
    assertThat(arrived).containsExactlyInAnyOrder("a", "b");
    assertThat(queue.isEmpty()).as("the refused one is kept").isFalse();
  }

  @Test
  void oneThatIsRefusedForLongDelaysNoneThatComesLater() {
    queue.offer(alert("poison", Severity.INFO), NOON);
    Instant now = NOON;
    int tries = 0;
    while (now.isBefore(NOON.plus(Duration.ofHours(1)))) {
      now = now.plusSeconds(1);
      if (queue.next(SETTINGS, now) instanceof Send) {
        tries++;
        refuse(now);
        queue.offer(alert("page-" + tries, Severity.CRITICAL), now);
        assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(5)));
        now = now.plusSeconds(5);
        assertThat(deliverAll(now)).containsExactly("page-" + tries);
      }
    }
    assertThat(tries).as("it is tried again, now and then").isBetween(10, 13);
  }

  @Test
  void anOldEndThatWasRefusedFollowsNoNewBeginning() {
    queue.offer(alert("a", Phase.RESOLVED, NOON), NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    refuse(NOON.plusSeconds(5));
    Instant again = NOON.plusSeconds(60);
    queue.offer(alert("a", Phase.FIRING, again), again);
    assertThat(deliverAll(again.plusSeconds(5))).containsExactly("a");
    assertThat(queue.isEmpty()).as("the end of the one before would end this one").isTrue();
    assertThat(queue.offer(alert("a", Phase.RESOLVED, NOON), again.plusSeconds(5)))
        .isInstanceOf(Delivery.Delivered.class);
  }

  @Test
  void whatIsSaidOfOneProblemKeepsItsOrderThoughAllOfItWasRefused() {
    Alert end = alert("a", Phase.RESOLVED, NOON);
    queue.offer(end, NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    refuse(NOON.plusSeconds(5));
    Alert again = alert("a", Phase.FIRING, NOON.plusSeconds(60));
    queue.offer(again, NOON.plusSeconds(60));
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(65))).isInstanceOf(Send.class);
    refuse(NOON.plusSeconds(65));
    Instant later = NOON.plusSeconds(310);
    assertThat(((Send) queue.next(SETTINGS, later)).alerts()).containsExactly(end);
    refuse(later);
    queue.retryNow();
    assertThat(((Send) queue.next(SETTINGS, later)).alerts()).containsExactly(end, again);
  }

  @Test
  void nobodyIsRemindedOfWhatIsOver() {
    Alert repeated =
        new Alert(
            "a",
            Phase.REPEATED,
            Severity.WARNING,
            "test",
            "summary",
            "",
            Map.of("a", "b"),
            NOON,
            null,
            NOON.plusSeconds(1));
    queue.offer(repeated, NOON);
    queue.offer(alert("b", Severity.INFO), NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    refuse(NOON.plusSeconds(5));
    queue.offer(alert("a", Phase.RESOLVED, NOON), NOON.plusSeconds(6));
    assertThat(deliverAll(NOON.plusSeconds(11))).containsExactly("a");
    assertThat(deliverAll(NOON.plusSeconds(11)))
        .as("another problem waits on")
        .containsExactly("b");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void ofManyThatAreRefusedEachIsTriedInItsTurn() {
    for (int i = 0; i < 250; i++) {
      queue.offer(alert("a" + i, Severity.INFO), NOON);
    }
    var tried = new HashSet<String>();
    for (Instant now = NOON; now.isBefore(NOON.plusSeconds(1800)); now = now.plusSeconds(1)) {
      if (queue.next(SETTINGS, now) instanceof Send(List<Alert> alerts)) {
        if (alerts.size() == 1) {
          tried.add(alerts.getFirst().fingerprint());
        }
        refuse(now);
      }
    }
    assertThat(tried).hasSize(250);
  }

  @Test
  void sendsWhatIsNewBeforeItTriesAgainWhatWasRefused() {
    queue.offer(alert("poison", Severity.INFO), NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    refuse(NOON.plusSeconds(5));
    Instant later = NOON.plusSeconds(5).plus(Duration.ofMinutes(5));
    queue.offer(alert("page", Severity.CRITICAL), later.minusSeconds(5));
    assertThat(deliverAll(later)).containsExactly("page");
    assertThat(sent(queue.next(SETTINGS, later))).containsExactly("poison");
    refuse(later);
    assertThat(queue.failures()).as("it was refused before").isZero();
  }

  @Test
  void whoMissesAMailKeepsNoneFromTheOthers() {
    for (int i = 0; i < 200; i++) {
      queue.offer(alert("a" + i, Severity.CRITICAL), NOON);
    }
    var arrived = new HashSet<String>();
    int tries = 0;
    Instant now = NOON;
    for (int second = 0; second < 3600; second++) {
      now = now.plusSeconds(1);
      if (second == 1800) {
        queue.offer(alert("page", Severity.CRITICAL), now);
      }
      if (queue.next(SETTINGS, now) instanceof Send(List<Alert> alerts)) {
        tries++;
        alerts.forEach(alert -> arrived.add(alert.fingerprint()));
        miss(alerts, now);
      }
      assertThat(arrived)
          .hasSize(second < 4 ? 0 : second < 7 ? 50 * (second - 3) : second < 1805 ? 200 : 201);
    }
    assertThat(queue.size()).as("who missed them is tried again").isEqualTo(201);
    assertThat(tries).as("and many at once").isBetween(40, 120);
    assertThat(queue.failures()).isEqualTo(5);
  }

  @Test
  void whoMissedAMailHearsOfItsBeginningBeforeItsEnd() {
    Alert firing = alert("a", Phase.FIRING, NOON);
    Alert resolved = alert("a", Phase.RESOLVED, NOON);
    queue.offer(firing, NOON);
    queue.offer(alert("b", Severity.CRITICAL), NOON);
    Instant now = NOON.plusSeconds(5);
    miss(((Send) queue.next(SETTINGS, now)).alerts(), now);
    assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(30)));
    queue.offer(resolved, now);
    now = now.plusSeconds(5);
    Next next = queue.next(SETTINGS, now);
    assertThat(((Send) next).alerts()).containsExactly(firing, resolved);
    queue.done(new Sent(keys(next), Optional.empty()), now, 0);
    assertThat(sent(queue.next(SETTINGS, now.plusSeconds(25)))).containsExactly("b");
  }

  @Test
  void waitsForAServiceThatDoesNotAnswerWhoeverHasWhat() {
    queue.offer(alert("a", Severity.INFO), NOON);
    Instant now = NOON.plusSeconds(5);
    miss(((Send) queue.next(SETTINGS, now)).alerts(), now);
    queue.offer(alert("b", Severity.INFO), now);
    now = now.plusSeconds(5);
    assertThat(sent(queue.next(SETTINGS, now))).containsExactly("b");
    fail(now, null, 1);
    assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(2)));
  }

  @Test
  void countsEachAlertWhereTheServiceTakesThemOneByOne() {
    var pagerDuty =
        new ChannelSettings(
            new Destination.PagerDuty("https://example.invalid", "key"),
            Severity.INFO,
            Duration.ZERO,
            3);
    for (int i = 0; i < 7; i++) {
      queue.offer(alert("a" + i, i == 6 ? Severity.CRITICAL : Severity.INFO), NOON);
    }
    Next first = queue.next(pagerDuty, NOON);
    assertThat(sent(first)).containsExactly("a6", "a0", "a1");
    queue.done(new Sent(keys(first), Optional.empty()), NOON, 0);
    assertThat(queue.next(pagerDuty, NOON)).isEqualTo(new WaitUntil(NOON.plusSeconds(60)));
    assertThat(sent(queue.next(pagerDuty, NOON.plusSeconds(60)))).hasSize(3);
  }

  @Test
  void whatWasNotTriedTakesNoPlaceOfWhatIs() {
    var pagerDuty =
        new ChannelSettings(
            new Destination.PagerDuty("https://example.invalid", "key"),
            Severity.INFO,
            Duration.ZERO,
            20);
    for (int i = 0; i < 30; i++) {
      queue.offer(alert("a" + i, Severity.CRITICAL), NOON);
    }
    Next first = queue.next(pagerDuty, NOON);
    assertThat(sent(first)).hasSize(20);
    queue.done(
        new Sent(
            Set.of(alert("a0", Severity.CRITICAL).key()),
            Set.of(),
            18,
            Optional.of(new Problem(false, "no connection", null))),
        NOON,
        1);
    Next second = queue.next(pagerDuty, NOON.plusSeconds(2));
    assertThat(sent(second)).hasSize(18).startsWith("a1");
    queue.done(new Sent(keys(second), Optional.empty()), NOON.plusSeconds(2), 0);
    assertThat(queue.next(pagerDuty, NOON.plusSeconds(2)))
        .isEqualTo(new WaitUntil(NOON.plusSeconds(60)));
  }

  @Test
  void aClockThatIsPutBackDelaysNothingForLong() {
    queue.offer(alert("a", Severity.INFO), NOON);
    Instant back = NOON.minus(Duration.ofDays(1));
    assertThat(queue.next(SETTINGS, back)).isEqualTo(new WaitUntil(back.plusSeconds(5)));
  }

  @Test
  void doesNotTakeBackWhatIsOnItsWayOrDelivered() {
    Alert alert = alert("a", Severity.INFO);
    queue.offer(alert, NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    assertThat(queue.withdraw(alert)).isEqualTo(new Delivery.Underway());
    queue.done(new Sent(Set.of(alert.key()), Optional.empty()), NOON.plusSeconds(6), 0);
    assertThat(queue.withdraw(alert)).isEqualTo(new Delivery.Delivered(NOON.plusSeconds(6)));
  }

  @Test
  void keepsToMessagesAMinuteAndPutsTheRestTogether() {
    ChannelSettings two = settings(Duration.ZERO, 2);
    Instant now = NOON;
    for (int i = 0; i < 2; i++) {
      queue.offer(alert("a" + i, Severity.INFO), now);
      assertThat(sent(queue.next(two, now))).hasSize(1);
      accept(now, "a" + i);
      now = now.plusSeconds(1);
    }
    for (int i = 0; i < 40; i++) {
      queue.offer(alert("b" + i, Severity.INFO), now);
    }
    assertThat(queue.next(two, now)).isEqualTo(new WaitUntil(NOON.plusSeconds(60)));
    assertThat(sent(queue.next(two, NOON.plusSeconds(60)))).hasSize(40);
  }

  @Test
  void triesAgainInGrowingPausesUpToFiveMinutes() {
    queue.offer(alert("a", Severity.INFO), NOON);
    Instant now = NOON.plusSeconds(5);
    for (long pause : new long[] {2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
      assertThat(queue.next(SETTINGS, now)).isInstanceOf(Send.class);
      fail(now, null, 1);
      assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(pause)));
      now = now.plusSeconds(pause);
    }
    assertThat(queue.failures()).isEqualTo(10);
    assertThat(deliverAll(now)).containsExactly("a");
    assertThat(queue.failures()).isZero();
  }

  @Test
  void spreadsTriesByJitterButNotByMuch() {
    queue.offer(alert("a", Severity.INFO), NOON);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    fail(NOON, null, 0);
    assertThat(queue.next(SETTINGS, NOON)).isEqualTo(new WaitUntil(NOON.plusSeconds(5)));
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5))).isInstanceOf(Send.class);
    fail(NOON.plusSeconds(5), null, 0);
    assertThat(queue.next(SETTINGS, NOON.plusSeconds(5)))
        .isEqualTo(new WaitUntil(NOON.plusSeconds(8)));
  }

  @Test
  void doesWhatRetryAfterAsksForWithinReason() {
    queue.offer(alert("a", Severity.INFO), NOON);
    Instant now = NOON.plusSeconds(5);
    assertThat(queue.next(SETTINGS, now)).isInstanceOf(Send.class);
    fail(now, Duration.ofSeconds(42), 0);
    assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(42)));
    now = now.plusSeconds(42);
    assertThat(queue.next(SETTINGS, now)).isInstanceOf(Send.class);
    fail(now, Duration.ofDays(1), 0);
    assertThat(queue.next(SETTINGS, now)).isEqualTo(new WaitUntil(now.plusSeconds(300)));
    queue.retryNow();
    assertThat(queue.next(SETTINGS, now)).isInstanceOf(Send.class);
  }

  @Test
  void keepsWhatAServiceTookOnlyInPart() {
    queue.offer(alert("a", Severity.INFO), NOON);
    queue.offer(alert("b", Severity.INFO), NOON);
    assertThat(sent(queue.next(SETTINGS, NOON.plusSeconds(5)))).hasSize(2);
    queue.done(
        new Sent(
            Set.of(alert("a", Severity.INFO).key()), Optional.of(new Problem(false, "500", null))),
        NOON.plusSeconds(5),
        1);
    assertThat(sent(queue.next(SETTINGS, NOON.plusSeconds(60)))).containsExactly("b");
  }

  @Test
  void losesNothingWhateverHappens() {
    var random = new Random(7);
    var offered = new HashSet<String>();
    var arrived = new HashSet<String>();
    Instant now = NOON;
    for (int i = 0; i < 5000; i++) {
      now = now.plusMillis(random.nextInt(3000));
      if (i < 4000) {
        Alert alert = alert("a" + i, random.nextBoolean() ? Severity.INFO : Severity.CRITICAL);
        queue.offer(alert, now);
        offered.add(alert.key());
      } else {
        now = now.plusSeconds(301);
      }
      if (queue.next(SETTINGS, now) instanceof Send(List<Alert> alerts)) {
        assertThat(alerts).hasSizeBetween(1, 50);
        boolean works = i >= 4000 || random.nextInt(3) == 0;
        Set<String> taken =
            alerts.stream()
                .map(Alert::key)
                .filter(_ -> works || random.nextInt(4) == 0)
                .collect(Collectors.toSet());
        assertThat(taken).as("sent twice").noneMatch(arrived::contains);
        arrived.addAll(taken);
        queue.done(
            new Sent(
                taken,
                taken.size() == alerts.size()
                    ? Optional.empty()
                    : Optional.of(new Problem(false, "broken", null))),
            now,
            random.nextDouble());
      }
    }
    assertThat(queue.isEmpty()).isTrue();
    assertThat(arrived).isEqualTo(offered);
  }

  private void accept(Instant now, String fingerprint) {
    queue.done(new Sent(Set.of(alert(fingerprint, Severity.INFO).key()), Optional.empty()), now, 0);
  }

  private void miss(List<Alert> alerts, Instant now) {
    queue.done(
        new Sent(
            Set.of(),
            alerts.stream().map(Alert::key).collect(Collectors.toSet()),
            0,
            Optional.of(new Problem(false, "for b: 552 mailbox full", null))),
        now,
        1);
  }

  private void fail(Instant now, @Nullable Duration retryAfter, double jitter) {
    queue.done(new Sent(Set.of(), Optional.of(new Problem(false, "no", retryAfter))), now, jitter);
  }

  private List<String> deliverAll(Instant now) {
    Next next = queue.next(SETTINGS, now);
    List<String> names = sent(next);
    queue.done(new Sent(keys(next), Optional.empty()), now, 0);
    return names;
  }

  private static Set<String> keys(Next next) {
    return ((Send) next).alerts().stream().map(Alert::key).collect(Collectors.toSet());
  }

  private void refuse(Instant now) {
    queue.done(new Sent(Set.of(), Optional.of(new Problem(true, "400", null))), now, 1);
  }

  private static List<String> sent(Next next) {
    assertThat(next).isInstanceOf(Send.class);
    return ((Send) next).alerts().stream().map(Alert::fingerprint).toList();
  }

  private static ChannelSettings settings(Duration groupWait, int maxPerMinute) {
    return new ChannelSettings(
        new Destination.Slack("https://example.invalid/x"), Severity.INFO, groupWait, maxPerMinute);
  }

  private static Alert alert(String fingerprint, Severity severity) {
    return new Alert(
        fingerprint,
        Phase.FIRING,
        severity,
        "test",
        "summary",
        "",
        Map.of("a", "b"),
        NOON,
        null,
        null);
  }

  private static Alert alert(String fingerprint, Phase phase, Instant startedAt) {
    return new Alert(
        fingerprint,
        phase,
        Severity.WARNING,
        "test",
        "summary",
        "",
        Map.of("a", "b"),
        startedAt,
        phase == Phase.RESOLVED ? startedAt.plusSeconds(1) : null,
        null);
  }
}
