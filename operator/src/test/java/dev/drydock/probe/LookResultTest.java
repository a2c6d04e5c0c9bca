package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.TerminationMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookResultTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  @Test
  void comesBackAsItWasWritten() {
    LookResult result =
        LookResult.of(
            NOON,
            Map.of(
                "fine", new Looker.Seen(Map.of("disk", new Finding.Fine("1 %")), "load 0.1", ""),
                "ill",
                    new Looker.Seen(
                        Map.of(
                            "disk", new Finding.Bad("91 %", "disk / is used to 91 %"),
                            "memory", new Finding.Impossible("never"),
                            "units", new Finding.Unknown("no systemctl")),
                        "load 9",
                        "maintenance ops/x/updates"),
                "gone", new Looker.Unseen("connection refused")));
    LookResult read = LookResult.decode(result.encode()).orElseThrow();
    assertThat(read).isEqualTo(result);
    assertThat(read.hosts())
        .extracting(LookResult.HostResult::name)
        .containsExactly("fine", "gone", "ill");
    LookResult.HostResult ill = read.hosts().get(2);
    assertThat(ill.finding("disk")).isEqualTo(new Finding.Bad("91 %", "disk / is used to 91 %"));
    assertThat(ill.finding("memory")).isEqualTo(new Finding.Impossible("never"));
    assertThat(ill.finding("units")).isEqualTo(new Finding.Unknown("no systemctl"));
    assertThat(ill.finding("load")).isEqualTo(new Finding.Fine(""));
    assertThat(read.hosts().get(1).unseen()).isEqualTo("connection refused");
  }

  @Test
  void saysThatARunWasNotDue() {
    LookResult read = LookResult.decode(LookResult.notDue(NOON).encode()).orElseThrow();
    assertThat(read.skipped()).isTrue();
    assertThat(read.at()).isEqualTo("2026-11-23T12:00:00Z");
  }

  @Test
  void shortensTextsBeforeItLeavesOutAHost() {
    var sights = new HashMap<String, Looker.Sight>();
    for (int i = 0; i < 60; i++) {
      sights.put("host-" + i, new Looker.Unseen("because ✓" + noise(i, 300)));
    }
    LookResult read = roundTrip(sights);
    assertThat(read.hosts()).hasSize(60);
    assertThat(read.hosts()).allMatch(host -> String.valueOf(host.unseen()).startsWith("because"));
    assertThat(read.cut()).isEmpty();
  }

  @Test
  void namesTheHostsForWhichThereWasNoRoom() {
    var sights = new HashMap<String, Looker.Sight>();
    for (int i = 0; i < 300; i++) {
      sights.put("host-" + i, new Looker.Unseen(noise(i, 300)));
    }
    LookResult read = roundTrip(sights);
    assertThat(read.hosts()).hasSizeGreaterThan(40);
    assertThat(read.cut()).isNotEmpty();
    assertThat(read.hosts().size() + read.cut().size()).isEqualTo(300);
    assertThat(sights.keySet()).allMatch(host -> speaksOf(read, host));
  }

  @Test
  void keepsTheWorstWhereThereIsNoRoomForAll() {
    var sights = new HashMap<String, Looker.Sight>();
    for (int i = 0; i < 300; i++) {
      Finding little =
          i % 2 == 0
              ? new Finding.Impossible(noise(i, 30))
              : new Finding.Planned("maintenance " + noise(i, 30));
      sights.put("a-" + i, new Looker.Seen(Map.of("d", little), "", ""));
    }
    for (int i = 0; i < 10; i++) {
      sights.put("m-" + i, new Looker.Seen(Map.of("d", new Finding.Unknown("?")), "", ""));
      sights.put("y-" + i, new Looker.Seen(Map.of("d", new Finding.Bad("9", "full")), "", ""));
      sights.put("z-" + i, new Looker.Unseen("connection refused"));
    }
    LookResult read = roundTrip(sights);
    assertThat(read.cut()).isNotEmpty().allMatch(host -> host.startsWith("a-"));
    assertThat(read.hosts())
        .extracting(LookResult.HostResult::name)
        .filteredOn(host -> !host.startsWith("a-"))
        .hasSize(30);
  }

  @Test
  void hasRoomForAFleetThatIsAllIll() {
    var sights = new HashMap<String, Looker.Sight>();
    for (int i = 0; i < 300; i++) {
      sights.put(
          "worker-" + i,
          new Looker.Seen(
              Map.of("disk", new Finding.Bad(i % 9 + 91 + " %", "disk / is used to 9x %")),
              "",
              ""));
    }
    LookResult read = roundTrip(sights);
    assertThat(read.hosts()).hasSize(300);
  }

  @Test
  void bringsFiguresAlongWhileThereIsRoom() {
    var sights = new HashMap<String, Looker.Sight>();
    List<Figure> figures = figures(0);
    sights.put("a", new Looker.Seen(Map.of(), "load 0.5", "", figures));
    LookResult few = roundTrip(sights);
    assertThat(few.hosts().getFirst().measured()).isEqualTo(figures);
    for (int i = 0; i < 300; i++) {
      sights.put(
          "host-" + i,
          new Looker.Seen(Map.of("d", new Finding.Bad("9", "disk")), "load 0.5", "", figures(i)));
    }
    LookResult many = roundTrip(sights);
    assertThat(many.hosts()).hasSize(301).allMatch(host -> host.measured().isEmpty());
    assertThat(many.hosts().getLast().vitals()).isEqualTo("load 0.5");
  }

  private static List<Figure> figures(int seed) {
    var random = new Random(seed);
    return List.of(
        Figure.ofHost(Metric.LOAD1, random.nextInt(1_000_000_000)),
        Figure.ofCheck(Metric.LOG_LINES, "errors", random.nextInt(1_000_000_000)));
  }

  /** Text that takes room however it is packed. */
  private static String noise(int seed, int length) {
    return new Random(seed)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static LookResult roundTrip(Map<String, Looker.Sight> sights) {
    String text = LookResult.of(NOON, sights).encode();
    assertThat(text.getBytes(StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(TerminationMessage.ROOM);
    return LookResult.decode(text).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 200, 300, 500})
  void fitsForAsManyHostsAsAPolicyMayHave(int count) {
    for (int length : new int[] {8, 30, 63}) {
      var sights = new HashMap<String, Looker.Sight>();
      for (int i = 0; i < count; i++) {
        sights.put(
            "h" + "o".repeat(length - 5) + "-" + (100 + i),
            i % 2 == 0
                ? new Looker.Seen(Map.of(), "load 0.10 0.10 0.10 on 2 CPUs; memory 3Gi of 4Gi", "")
                : new Looker.Seen(Map.of("d", new Finding.Bad("\"91 %\"", "\\full")), "", ""));
      }
      LookResult read = roundTrip(sights);
      // One that is not mentioned is fine; of every other one there is a word.
      assertThat(sights.keySet())
          .filteredOn(host -> !isFine(sights.get(host)))
          .as("%d hosts with names of %d characters: none is passed over in silence", count, length)
          .allMatch(host -> speaksOf(read, host));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "Killed",
        "{\"at\":\"noon\"}",
        "{\"at\":5,\"hosts\":7}",
        "java.lang.OutOfMemoryError: Java heap space"
      })
  void isNothingWhereAPodLeftSomethingElse(String text) {
    assertThat(LookResult.decode(text)).isEmpty();
  }

  private static boolean speaksOf(LookResult result, String host) {
    return result.isCut(host) || result.hosts().stream().anyMatch(h -> h.name().equals(host));
  }

  private static boolean isFine(Looker.@Nullable Sight sight) {
    return sight instanceof Looker.Seen seen
        && seen.findings().values().stream().allMatch(Finding.Fine.class::isInstance);
  }
}
