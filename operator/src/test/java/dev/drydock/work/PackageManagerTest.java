package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.work.PackageManager.Change;
import dev.drydock.work.PackageManager.Pending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What package managers print: of real archives, where there is a file. */
class PackageManagerTest {
  /** Prints what is asked of apt, for {@code systems/record.sh}. */
  public static void main(String... which) {
    System.out.print("(\n" + new Apt().pending(false).render() + ") </dev/null 2>/dev/null\n");
  }

  private static String text(String file) throws IOException {
    try (var stream =
        Objects.requireNonNull(PackageManagerTest.class.getResourceAsStream("/packages/" + file))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "debian-12.txt, 18, 15, 3",
    "debian-13.txt, 6, 6, 0",
    "ubuntu-22.04.txt, 100, 27, 63",
    "ubuntu-24.04.txt, 191, 21, 153",
    "ubuntu-24.04-security-first.txt, 173, 27, 135"
  })
  void readsWhatAptWouldDo(String file, int all, int security, int fresh) throws IOException {
    Pending pending = new Apt().read(text(file), false);
    assertThat(pending.changes()).hasSize(all);
    assertThat(pending.changes()).filteredOn(c -> c.from().isEmpty()).hasSize(fresh);
    assertThat(pending.bytes()).isPresent();
    assertThat(new Apt().read(text(file), true).changes())
        .hasSize(security)
        .allSatisfy(change -> assertThat(change.from()).isNotEmpty());
  }

  @Test
  void aFixIsSeenEvenWhereSomethingNewerHidesIt() throws IOException {
    assertThat(new Apt().read(text("ubuntu-24.04.txt"), true).changes())
        .extracting(Change::name)
        .doesNotContain("linux-image-generic");
    assertThat(new Apt().read(text("ubuntu-24.04-security-first.txt"), true).changes())
        .contains(new Change("linux-image-generic", "6.8.0-31.31", "6.8.0-149.149"));
  }

  @Test
  void readsOneByOne() throws IOException {
    Pending pending = new Apt().read(text("debian-12.txt"), false);
    assertThat(pending.changes())
        .contains(
            new Change("openssl", "3.0.20-1~deb12u2", "3.0.22-1~deb12u2"),
            new Change("perl", "5.36.0-7+deb12u3", "5.36.0-7+deb12u4"),
            new Change("linux-image-6.1.0-56-amd64", "", "6.1.192-2"));
    assertThat(pending.bytes()).isEqualTo(OptionalLong.of(73_645_012));
    assertThat(pending.changes().getFirst().text())
        .isEqualTo("libperl5.36 5.36.0-7+deb12u3 → 5.36.0-7+deb12u4");
  }

  @Test
  void namesWhatIsHeldBack() {
    assertThat(
            new Apt()
                .read(
                    """
                    Calculating upgrade...
                    The following packages have been kept back:
                      tzdata linux-image-amd64
                      docker-ce
                    The following upgrades have been deferred due to phasing:
                      snapd
                    0 upgraded, 0 newly installed, 0 to remove and 4 not upgraded.
                    @bytes 0
                    """,
                    false)
                .heldBack())
        .containsExactly("tzdata", "linux-image-amd64", "docker-ce", "snapd");
  }

  @Test
  void namesArchivesThatGiveNoValidAnswer() {
    assertThat(
            new Apt()
                .unreachable(
                    """
                    Hit:1 http://deb.debian.org/debian bookworm InRelease
                    Err:2 https://packages.example.com/apt stable InRelease
                      Could not resolve 'packages.example.com'
                    W: GPG error: http://a.example.com trusted InRelease: The following signatures couldn't be verified
                    W: Failed to fetch https://packages.example.com/apt/dists/stable/InRelease  Could not resolve
                    W: An error occurred during the signature verification. The repository is not updated and the previous index files will be used. GPG error: http://b.example.com stable InRelease: EXPKEYSIG 0123
                    E: The repository 'http://c.example.com ./ Release' does not have a Release file.
                    """))
        .containsExactly(
            "https://packages.example.com/apt/dists/stable/InRelease",
            "http://b.example.com",
            "http://c.example.com");
  }

  @Test
  void readsWhatDnfWouldDo() {
    String output =
        """
        @available

        kernel.x86_64                   6.8.9-300.fc40                 updates
        openssl-libs.x86_64             1:3.2.1-3.fc40                 updates
        new-thing.noarch                1.0-1.fc40                     updates
        Obsoleting Packages
        grub2-tools.x86_64              1:2.06-121.fc40                updates
            grub2-tools.x86_64          1:2.06-119.fc40                @anaconda
        @installed
        kernel.x86_64 0:6.8.5-301.fc40
        openssl-libs.x86_64 1:3.2.1-2.fc40
        package new-thing.noarch is not installed
        """;
    assertThat(new Dnf().read(output, false).changes())
        .containsExactly(
            new Change("kernel", "6.8.5-301.fc40", "6.8.9-300.fc40"),
            new Change("openssl-libs", "1:3.2.1-2.fc40", "1:3.2.1-3.fc40"),
            new Change("new-thing", "", "1.0-1.fc40"));
    assertThat(new Dnf().isAnswer(100)).isTrue();
    assertThat(new Dnf().isAnswer(1)).isFalse();
    assertThat(new Dnf().unreachable("Error: Failed to download metadata for repo 'updates': x"))
        .containsExactly("updates");
  }

  @Test
  void readsWhatApkWouldDo() {
    assertThat(
            new Apk()
                .read(
                    """
                    (1/3) Upgrading musl (1.2.4_git20230717-r4 -> 1.2.4_git20230717-r5)
                    (2/3) Installing libcap2 (2.69-r1)
                    (3/3) Upgrading ca-certificates (20240226-r0 -> 20241121-r1)
                    Executing busybox-1.36.1-r15.trigger
                    OK: 10 MiB in 16 packages
                    """,
                    false)
                .changes())
        .containsExactly(
            new Change("musl", "1.2.4_git20230717-r4", "1.2.4_git20230717-r5"),
            new Change("libcap2", "", "2.69-r1"),
            new Change("ca-certificates", "20240226-r0", "20241121-r1"));
    assertThat(
            new Apk()
                .unreachable(
                    "WARNING: fetching https://dl-cdn.alpinelinux.org/alpine/v3.19/main: temporary"
                        + " error (try again later)\n"))
        .containsExactly("https://dl-cdn.alpinelinux.org/alpine/v3.19/main");
    assertThat(new Apk().knowsSecurity()).isFalse();
  }

  @Test
  void saysWhatToDo() {
    assertThat(PackageManager.advice("apt-get", 1, "sudo: a password is required\n"))
        .contains("sudoers");
    assertThat(
            PackageManager.advice(
                "apt-get",
                100,
                "E: You don't have enough free space in /var/cache/apt/archives/.\n"))
        .contains("disk is full");
    assertThat(
            PackageManager.advice(
                "apt-get",
                100,
                "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (dpkg)\n"))
        .contains("held by process 42");
    assertThat(
            PackageManager.advice(
                "apt-get",
                100,
                "Setting up x\ndpkg: error processing package x (--configure):\nE: Sub-process dpkg returned 1\nlater\n"))
        .isEqualTo(
            "apt-get ended with status 100: dpkg: error processing package x (--configure): | E:"
                + " Sub-process dpkg returned 1");
    assertThat(PackageManager.last("\n \n", 3)).isEqualTo("it said nothing");
  }

  @Test
  void namesOnlyWhatItKnows() {
    assertThat(PackageManager.named("apt-get\n")).contains(new Apt());
    assertThat(PackageManager.named("dnf\n")).contains(new Dnf());
    assertThat(PackageManager.named("apk\n")).contains(new Apk());
    assertThat(PackageManager.named("")).isEmpty();
    assertThat(List.of(new Apt().removed("0 upgraded, 2 to remove and 1 not upgraded."), 2))
        .containsOnly(2);
  }
}
