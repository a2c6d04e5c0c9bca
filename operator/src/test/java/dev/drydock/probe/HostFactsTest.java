package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostFactsTest {
  private static final String DEBIAN =
      """
      @hostname 0
       ethbig
      @kernel 0
       6.1.0-28-amd64
      @architecture 0
       x86_64
      @os 0
       PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
       NAME="Debian GNU/Linux"
       VERSION_ID="12"
       ID=debian
      @cpus 0
       2
      @meminfo 0
       MemTotal:       65011712 kB
       MemFree:         1011712 kB
       MemAvailable:   40000000 kB
       SwapTotal:       8388604 kB
       SwapFree:        8388604 kB
      @disk 0
       Filesystem     1024-blocks      Used Available Capacity Mounted on
       /dev/nvme0n1p2  2930266584 900000000 1900000000      33% /
      @bootid 0
       2f1c1a2e-0d37-4c59-9d8a-0b54bb1f3c11
      @stat 0
       btime 1763884800
      @init 0
       systemd
      @docker 0
       Docker version 27.3.1, build ce12230
      @sudo 0
      \s
      """;

  @Test
  void readsADebianHost() {
    assertThat(HostFacts.read(DEBIAN))
        .isEqualTo(
            new HostFacts(
                Optional.of("ethbig"),
                Optional.of("Debian GNU/Linux 12 (bookworm)"),
                Optional.of("6.1.0-28-amd64"),
                Optional.of("x86_64"),
                Optional.of(2),
                Optional.of("62Gi"),
                Optional.of("8Gi"),
                Optional.of("2.7Ti"),
                Optional.of("2f1c1a2e-0d37-4c59-9d8a-0b54bb1f3c11"),
                Optional.of(Instant.parse("2025-11-23T08:00:00Z")),
                Optional.of("systemd"),
                Optional.of("27.3.1"),
                Optional.of(true)));
  }

  @Test
  void readsAnAlpineHostWithoutSudoDockerAndSwap() {
    HostFacts facts =
        HostFacts.read(
            """
            @hostname 0
             eth2-claw
            @os 0
             NAME="Alpine Linux"
             ID=alpine
             PRETTY_NAME='Alpine Linux v3.20'
            @cpus 0
             1
            @meminfo 0
             MemTotal:        3984588 kB
             MemAvailable:    2984588 kB
             SwapTotal:             0 kB
             SwapFree:              0 kB
            @init 0
             init
            @docker 127
            @sudo 127
            """);
    assertThat(facts.os()).hasValue("Alpine Linux v3.20");
    assertThat(facts.memory()).hasValue("3.8Gi");
    assertThat(facts.swap()).hasValue("0");
    assertThat(facts.initSystem()).hasValue("init");
    assertThat(facts.dockerVersion()).isEmpty();
    assertThat(facts.rootDisk()).isEmpty();
    assertThat(facts.sudo()).hasValue(false);
  }

  @Test
  void leavesOutWhatMakesNoSense() {
    HostFacts facts =
        HostFacts.read(
            """
            @hostname 0
             a\u0007b
            @cpus 0
             two
            @stat 0
             btime 99999999999999
            @disk 0
             df: /: I/O error
            @docker 0
             podman
            """);
    assertThat(facts.hostname()).hasValue("a b");
    assertThat(facts.cpus()).isEmpty();
    assertThat(facts.bootTime()).isEmpty();
    assertThat(facts.rootDisk()).isEmpty();
    assertThat(facts.dockerVersion()).isEmpty();
    assertThat(HostFacts.read("").hostname()).isEmpty();
    assertThat(HostFacts.read("@sudo 124\n").sudo()).isEmpty();
  }
}
