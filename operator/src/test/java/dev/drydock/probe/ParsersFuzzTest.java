package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParsersFuzzTest {
  private static final Demand.Disk DISK = new Demand.Disk("/", 85, 1L << 30, 80);
  private static final List<Demand> DEMANDS =
      List.of(
          new Demand.Units(List.of("a", "b.timer"), 0),
          new Demand.Memory(1L << 30, 10),
          DISK,
          new Demand.Load(15, 4.0, 1.0),
          new Demand.Swap(80));

  private static final String HEALTHY =
      """
      @meminfo 0
       MemTotal:       65011712 kB
       MemAvailable:   40894464 kB
       SwapTotal:       8388604 kB
       SwapFree:        6291456 kB
      @loadavg 0
       4.12 3.90 3.55 3/812 1748291
      @cpus 0
       2
      @units 0
       Id=a.service
       LoadState=loaded
       ActiveState=active
       SubState=running
       Result=success
      \s
       Id=b.timer
       LoadState=loaded
       ActiveState=failed
       SubState=failed
      @failed 0
       b.timer loaded failed failed B
      @DISK 0
       Filesystem     1024-blocks      Used Available Capacity Mounted on
       /dev/vda1 9122436 5929583 2734812 69% /
      @DISK.inodes 0
       Filesystem     Inodes      Used Available IUse% Mounted on
       /dev/vda1 583680 51221 532459 9% /
      @stat 0
       btime 1763884800
      @docker 0
       Docker version 27.3.1, build ce12230
      """
          .replace("DISK", HostLook.disk("/"));

  private static final List<String> PIECES =
      List.of(
          "\n",
          "\n ",
          "\n@",
          " ",
          "-",
          "%",
          "999999999999999",
          "-1",
          "0",
          "=",
          ":",
          "\u0000",
          "@@",
          "99999999999999999999",
          "1e9",
          "MemTotal:",
          "Id=",
          "100%",
          "@meminfo 0\n",
          "\r\n",
          "NaN",
          "\u2028",
          "\ud83d\ude00",
          "٣",
          "999999999999999 0 0 1% /\n",
          "1 999999999999999 0 9% /\n");

  @Test
  void understandsTheTextThatIsMutated() {
    Look look = HostLook.read(DEMANDS, HEALTHY);
    assertThat(DEMANDS.stream().map(demand -> Evaluation.of(demand, look)))
        .noneMatch(Finding.Unknown.class::isInstance);
  }

  @Test
  void nothingThatAHostPrintsThrows() {
    var random = new Random(20260101);
    int known = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = i % 10 == 0 ? noise(random) : mutated(random);
      for (Demand demand : DEMANDS) {
        Finding[] finding = new Finding[1];
        assertThatCode(
                () -> {
                  Look look = HostLook.read(DEMANDS, text);
                  finding[0] = Evaluation.of(demand, look);
                  assertThat(finding[0].message()).isNotNull();
                  assertThat(Evaluation.vitals(look)).isNotNull();
                })
            .as("case %d: %s", i, text)
            .doesNotThrowAnyException();
        known += finding[0] instanceof Finding.Unknown ? 0 : 1;
      }
      assertThatCode(() -> assertThat(HostFacts.read(text)).isNotNull())
          .as("case %d: %s", i, text)
          .doesNotThrowAnyException();
    }
    assertThat(known).as("mutations that still make sense").isGreaterThan(10_000);
  }

  private static String noise(Random random) {
    byte[] bytes = new byte[random.nextInt(400)];
    random.nextBytes(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String mutated(Random random) {
    var text = new StringBuilder(HEALTHY);
    for (int n = 1 + random.nextInt(6); n > 0; n--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(20));
      switch (random.nextInt(5)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
        case 3 -> text.insert(at, text.substring(at, end));
        default -> text.setCharAt(at, (char) random.nextInt(0x3000));
      }
      if (random.nextInt(20) == 0) {
        text.setLength(Math.max(1, at));
      }
    }
    return text.toString();
  }
}
