package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Impossible;
import dev.drydock.probe.Finding.Unknown;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final long GI = 1L << 30;

  private static final String DEBIAN_12 =
      """
      @meminfo 0
       MemTotal:       65011712 kB
       MemFree:         1523328 kB
       MemAvailable:   40894464 kB
       Buffers:          512000 kB
       SwapTotal:       8388604 kB
       SwapFree:        6291456 kB
       HugePages_Total:       0
       DirectMap1G:    58720256 kB
      @loadavg 0
       4.12 3.90 3.55 3/812 1748291
      @cpus 0
       2
      @units 0
       Id=openclaw-gateway.service
       LoadState=loaded
       ActiveState=active
       SubState=running
       Result=success
      \s
       Id=ollama.service
       LoadState=loaded
       ActiveState=failed
       SubState=failed
       Result=exit-code
      \s
       Id=takopi.service
       LoadState=not-found
       ActiveState=inactive
       SubState=dead
      @failed 0
       ollama.service             loaded failed failed Ollama Service
       logrotate.service          loaded failed failed Rotate log files
      """;

  private static final Demand.Units UNITS =
      new Demand.Units(List.of("openclaw-gateway", "ollama", "takopi.service"), null);

  @Test
  void namesEveryUnitOfADebianHostThatIsNotActive() {
    assertThat(look(UNITS, DEBIAN_12))
        .isEqualTo(
            new Bad(
                "ollama is failed (exit-code), takopi.service does not exist",
                "systemd: ollama is failed (exit-code), takopi.service does not exist"));
    assertThat(
            look(
                new Demand.Units(List.of("sshd"), null),
                """
                @units 0
                 Id=ssh.service
                 LoadState=loaded
                 ActiveState=active
                 SubState=running
                 Result=success
                """))
        .isInstanceOf(Fine.class);
    assertThat(
            look(
                new Demand.Units(List.of("nginx"), null),
                """
                @units 0
                 Id=nginx.service
                 LoadState=loaded
                 ActiveState=reloading
                 SubState=reload
                 Result=success
                """))
        .isInstanceOf(Fine.class);
  }

  @Test
  void countsFailedUnits() {
    assertThat(look(new Demand.Units(List.of(), 1), DEBIAN_12))
        .isEqualTo(
            new Bad(
                "2 failed: ollama.service, logrotate.service",
                "systemd: 2 failed: ollama.service, logrotate.service"));
    assertThat(look(new Demand.Units(List.of(), 2), DEBIAN_12)).isInstanceOf(Fine.class);
    assertThat(look(new Demand.Units(List.of(), 0), "@failed 0\n \n")).isInstanceOf(Fine.class);
  }

  @Test
  void comparesMemoryWithLimits() {
    assertThat(look(new Demand.Memory(5 * GI, null), DEBIAN_12))
        .isEqualTo(new Fine("39Gi of 62Gi"));
    assertThat(look(new Demand.Memory(40 * GI, null), DEBIAN_12))
        .isEqualTo(
            new Bad("39Gi of 62Gi", "memory available is 39Gi of 62Gi, below the limit of 40Gi"));
    assertThat(look(new Demand.Memory(null, 62), DEBIAN_12)).isInstanceOf(Fine.class);
    assertThat(look(new Demand.Memory(null, 63), DEBIAN_12))
        .isEqualTo(
            new Bad("39Gi of 62Gi", "memory available is 39Gi of 62Gi, below the limit of 63 %"));
  }

  @Test
  void saysThatALimitCanNeverBeMet() {
    String small =
        "@meminfo 0\n MemTotal: 3984588 kB\n MemAvailable: 2984588 kB\n"
            + " SwapTotal: 0 kB\n SwapFree: 0 kB\n";
    assertThat(look(new Demand.Memory(5 * GI, null), small))
        .isEqualTo(
            new Impossible(
                "5Gi can never be available: the host has 3.8Gi of memory. Lower the limit, or"
                    + " override it for this host"));
    Demand.Disk disk = new Demand.Disk("/", null, 20 * GI, null);
    assertThat(
            look(
                disk,
                df(disk, 0, "/dev/vda1 9122436 5929583 2734812 69% /", 0, "/dev/vda1 1 1 0 1% /")))
        .isEqualTo(
            new Impossible(
                "20Gi can never be available on /: the file system has 8.7Gi. Lower the limit, or"
                    + " override it for this host"));
  }

  @Test
  void comparesADiskAsDfCounts() {
    Demand.Disk used = new Demand.Disk("/", 85, null, null);
    String line = "/dev/nvme0n1p2  2884284464 2451641794 285900000      90% /";
    assertThat(look(used, df(used, 0, line, 0, "/dev/nvme0n1p2 183148544 2000000 181148544 2% /")))
        .isEqualTo(
            new Bad(
                "90 % of 2.7Ti, 273Gi left",
                "disk / is used to 90 % of 2.7Ti, 273Gi left; the limit is 85 %"));
    Demand.Disk at = new Demand.Disk("/", 90, null, null);
    assertThat(look(at, df(at, 0, line, 1, ""))).isInstanceOf(Fine.class);
    Demand.Disk least = new Demand.Disk("/", null, 300 * GI, null);
    assertThat(look(least, df(least, 0, line, 1, "")))
        .isEqualTo(
            new Bad("90 % of 2.7Ti, 273Gi left", "disk /: 273Gi left, below the limit of 300Gi"));
  }

  @Test
  void comparesInodes() {
    Demand.Disk disk = new Demand.Disk("/srv", 99, null, 80);
    String blocks = "/dev/sdb1 1000000 10000 990000 1% /srv";
    assertThat(look(disk, df(disk, 0, blocks, 0, "/dev/sdb1 1000 801 199 81% /srv")))
        .isEqualTo(
            new Bad("81 % of inodes", "disk /srv: 81 % of inodes are used; the limit is 80 %"));
    assertThat(look(disk, df(disk, 0, blocks, 0, "/dev/sdb1 - - - - /srv")))
        .as("btrfs has no inodes")
        .isInstanceOf(Fine.class);
    assertThat(look(disk, df(disk, 0, blocks, 1, ""))).isInstanceOf(Fine.class);
    for (int killed : new int[] {124, 137}) {
      assertThat(look(disk, df(disk, 0, blocks, killed, "")))
          .isEqualTo(new Unknown("the host took too long to answer this one"));
      Demand.Disk other = new Demand.Disk("/srv", 99, null, null);
      assertThat(look(other, df(other, 0, blocks, killed, ""))).isInstanceOf(Fine.class);
    }
  }

  @Test
  void readsDfWhateverDevicesAndPathsAreCalled() {
    Demand.Disk disk = new Demand.Disk("/x", 50, null, null);
    for (String line :
        List.of(
            "//nas/my share 1000000 600000 400000 60% /mnt/nas",
            "/dev/sdb1 1000000 600000 400000 60% /media/My Passport - Backup",
            "/dev/sdb1 1000000 600000 400000 60% /mnt/10 20 30 40% off",
            "overlay 1000000 600000 400000 60% /",
            "/dev/mapper/vg-a--very--long--name 1000000 600000 400000 60% /",
            "rpool/ROOT/ubuntu_1a 1000000 600000 400000 60% /")) {
      assertThat(look(disk, df(disk, 0, line, 1, ""))).as(line).isInstanceOf(Bad.class);
    }
  }

  @Test
  void readsBusyboxDf() {
    Demand.Disk disk = new Demand.Disk("/", 60, null, 10);
    String output =
        """
        @%s 0
         Filesystem           1024-blocks    Used Available Capacity Mounted on
         /dev/vda3              9122436   5929583   2734812  68%% /
        @%s.inodes 0
         Filesystem              Inodes      Used Available Capacity Mounted on
         /dev/vda3               583680     51221    532459   9%% /
        """
            .formatted(HostLook.disk("/"), HostLook.disk("/"));
    assertThat(look(disk, output))
        .isEqualTo(
            new Bad(
                "69 % of 8.7Gi, 2.6Gi left",
                "disk / is used to 69 % of 8.7Gi, 2.6Gi left; the limit is 60 %"));
  }

  @Test
  void aSecondThatHasBegunIsNoSecondLess() {
    List<Demand> demands = List.of(new Demand.Disk("/", 50, null, null));
    Duration deadline = Duration.ofSeconds(4);
    String whole = HostLook.script(demands, Logins.NONE, deadline, deadline).render();
    assertThat(HostLook.script(demands, Logins.NONE, deadline.minusMillis(999), deadline).render())
        .isEqualTo(whole);
    assertThat(HostLook.script(demands, Logins.NONE, deadline.minusMillis(1000), deadline).render())
        .isNotEqualTo(whole);
  }

  @Test
  void doesNotConfuseTwoPathsWhoseHashIsTheSame() {
    Demand.Disk one = new Demand.Disk("/srv/Aa", 50, null, null);
    Demand.Disk other = new Demand.Disk("/srv/BB", 50, null, null);
    assertThat(HostLook.disk(one.path())).isNotEqualTo(HostLook.disk(other.path()));
    assertThat(HostLook.script(List.of(one, other)).render()).contains("/srv/Aa", "/srv/BB");
  }

  @Test
  void saysThatAPathDoesNotExist() {
    Demand.Disk disk = new Demand.Disk("/no/such", 50, null, null);
    assertThat(look(disk, df(disk, 1, "", 1, "")))
        .isEqualTo(new Unknown("df can't read /no/such: does it exist on this host?"));
  }

  @Test
  void saysThatDfHung() {
    Demand.Disk disk = new Demand.Disk("/mnt/dead-nfs", 50, null, null);
    assertThat(look(disk, df(disk, 124, "", 124, "")))
        .isEqualTo(new Unknown("the host took too long to answer this one"));
    assertThat(look(disk, df(disk, 137, "", 137, ""))).isInstanceOf(Unknown.class);
  }

  @Test
  void comparesLoads() {
    assertThat(look(new Demand.Load(1, 4.0, null), DEBIAN_12))
        .isEqualTo(new Bad("4.12 on 2 CPUs", "load over 1m is 4.12 on 2 CPUs; the limit is 4.00"));
    assertThat(look(new Demand.Load(5, 4.0, null), DEBIAN_12))
        .isEqualTo(new Fine("3.90 on 2 CPUs"));
    assertThat(look(new Demand.Load(15, null, 1.5), DEBIAN_12))
        .isEqualTo(
            new Bad(
                "3.55 on 2 CPUs",
                "load over 15m is 3.55 on 2 CPUs; the limit is 1.50 for each CPU"));
    assertThat(
            look(new Demand.Load(1, 4.0, null), "@loadavg 0\n 0.00 0.01 0.05 1/98 1\n@cpus 0\n 1"))
        .isEqualTo(new Fine("0.00 on 1 CPU"));
  }

  @Test
  void excusesTheHostOnlyForWorkOnTheHost() {
    for (Demand demand :
        List.of(
            new Demand.Load(1, 4.0, null),
            new Demand.Memory(40 * GI, null),
            new Demand.Swap(20),
            new Demand.Units(List.of(), 1))) {
      assertThat(look(demand, DEBIAN_12 + work(""))).isInstanceOf(Bad.class);
      assertThat(look(demand, DEBIAN_12 + work("\tunit ollama.service\tpm2 *")))
          .as(demand.toString())
          .isInstanceOf(Bad.class);
    }
    assertThat(look(new Demand.Load(1, 4.0, null), DEBIAN_12 + work("\thost")))
        .isInstanceOf(Finding.Planned.class);
  }

  private static String work(String touches) {
    return "@work 0\n held 1\n begin\t1\t1764000000\tmaintenance ops/x/garden" + touches + "\n";
  }

  @Test
  void comparesSwapInPercentAndKilobytes() {
    assertThat(look(new Demand.Swap(20), DEBIAN_12))
        .isEqualTo(
            new Bad("25 % (2097148 KB)", "swap is used to 25 % (2097148 KB); the limit is 20 %"));
    assertThat(look(new Demand.Swap(25), DEBIAN_12)).isInstanceOf(Fine.class);
    assertThat(look(new Demand.Swap(24), DEBIAN_12)).isInstanceOf(Bad.class);
  }

  @Test
  void findsAHostWithoutSwapFine() {
    assertThat(
            look(
                new Demand.Swap(0),
                "@meminfo 0\n"
                    + " MemTotal: 10 kB\n"
                    + " MemAvailable: 5 kB\n"
                    + " SwapTotal: 0 kB\n"
                    + " SwapFree: 0 kB"))
        .isEqualTo(new Fine("no swap"));
  }

  @Test
  void knowsNothingWhereTheHostHasNoSystemd() {
    assertThat(look(UNITS, "@units 127\n \n"))
        .isEqualTo(new Unknown("the host does not have the command that tells"));
    assertThat(look(UNITS, "@units 1\n System has not been booted with systemd as init system\n"))
        .isEqualTo(new Unknown("the host's command ended with status 1"));
    assertThat(look(UNITS, "")).isEqualTo(new Unknown("the host's answer breaks off before it"));
    assertThat(
            look(
                UNITS,
                "@units 0\n Id=a.service\n LoadState=loaded\n ActiveState=active\n SubState=x"))
        .isEqualTo(new Unknown("systemctl told of 1 units where 3 were asked for"));
  }

  @Test
  void knowsNothingOfWhatMakesNoSense() {
    assertThat(look(new Demand.Memory(1L, null), "@meminfo 0\n MemTotal: 10 kB\n"))
        .isEqualTo(new Unknown("/proc/meminfo has no MemAvailable (kernels before 3.14 lack it)"));
    assertThat(look(new Demand.Load(1, 1.0, null), "@loadavg 0\n nan nan nan\n@cpus 0\n 2"))
        .isEqualTo(new Unknown("a load average reads 'nan'"));
    assertThat(look(new Demand.Load(1, 1.0, null), "@loadavg 0\n 1 1 1\n@cpus 0\n 0"))
        .isEqualTo(new Unknown("the number of CPUs reads '0'"));
  }

  @Test
  void showsTheVitalsInOneLine() {
    assertThat(Evaluation.vitals(HostLook.read(List.of(), DEBIAN_12)))
        .isEqualTo(
            "load 4.12 3.90 3.55 on 2 CPUs; memory 39Gi of 62Gi available; swap 25 % used (2097148"
                + " KB)");
    assertThat(Evaluation.vitals(HostLook.read(List.of(), ""))).isEmpty();
  }

  private static String df(
      Demand.Disk disk, int status, String line, int inodeStatus, String inodes) {
    String section = HostLook.disk(disk.path());
    String head = " Filesystem     1024-blocks      Used Available Capacity Mounted on\n ";
    return "@"
        + section
        + " "
        + status
        + "\n"
        + (line.isEmpty() ? " \n" : head + line + "\n")
        + "@"
        + section
        + ".inodes "
        + inodeStatus
        + "\n"
        + (inodes.isEmpty() ? " \n" : head + inodes + "\n");
  }

  private static Finding look(Demand demand, String output) {
    return Evaluation.of(demand, HostLook.read(List.of(demand), output));
  }
}
