package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostStories extends Story {
  private static final LabHost HOST = LabHost.ETH2_CLAW;

  @Test
  void aHostThatAnswersIsReadyAndTellsWhatItIs() {
    declare(HOST);
    HostStatus status = status(awaitHost(HOST.text(), isTrue()));
    HostStatus.Facts facts = Objects.requireNonNull(status.facts());
    assertThat(facts.hostname()).isEqualTo("eth2-claw");
    assertThat(facts.os()).startsWith("Debian GNU/Linux 12");
    assertThat(facts.kernel()).isEqualTo(HOST.on("uname -r"));
    assertThat(facts.bootId()).isEqualTo(HOST.on("cat /proc/sys/kernel/random/boot_id"));
    assertThat(facts.cpus()).isEqualTo(Integer.valueOf(HOST.on("nproc")));
    assertThat(facts.initSystem()).isEqualTo("systemd");
    assertThat(facts.dockerVersion()).isNull();
    assertThat(status.hostKeyFingerprint()).startsWith("SHA256:");
  }

  @Test
  void aHostKeyThatIsNotPinnedIsRefusedUntilItIs() {
    declare(HOST);
    edit(host -> host.replace(HOST.hostKey(), LabHost.ETHBIG.hostKey()));
    Condition refused = ready(awaitHost(HOST.text(), isFalse("HostKeyMismatch")));
    assertThat(refused.message()).contains("not pinned, SHA256:").contains("spec.hostKeys");
    edit(UnaryOperator.identity());
    awaitHost(HOST.text(), isTrue());
  }

  @Test
  void aSecretThatIsNotThereIsNamedAndMissedUntilItIs() {
    declare(HOST);
    client.secrets().inNamespace(namespace).withName(HOST.text()).delete();
    edit(host -> host.replace("interval: 10s", "interval: 9s"));
    Condition missing = ready(awaitHost(HOST.text(), isFalse("SecretNotFound")));
    assertThat(missing.message())
        .contains("the Secret eth2-claw does not exist")
        .contains(namespace);
    key(HOST.text(), HOST.privateKey());
    awaitHost(HOST.text(), isTrue());
  }

  @Test
  void aSecretOfAnotherTypeIsRefused() {
    declare(HOST);
    client.secrets().inNamespace(namespace).withName(HOST.text()).delete();
    secret(HOST.text(), "Opaque", java.util.Map.of("ssh-privatekey", HOST.privateKey()));
    Condition wrong = ready(awaitHost(HOST.text(), isFalse("InvalidSecret")));
    assertThat(wrong.message()).contains("of type Opaque").contains("kubernetes.io/ssh-auth");
  }

  @Test
  void aKeyThatCanNotBeUsedIsExplained(@TempDir Path directory) throws IOException {
    Path key = directory.resolve("key");
    Lab.run(
        List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", key.toString()));
    declare(HOST);
    key(HOST.text(), Files.readString(key));
    // The session that is open stays in use, and the status says that the new key can't be.
    await(
        "word of the key",
        PATIENCE,
        () -> host(HOST.text()),
        host ->
            host.getStatus() != null
                && host.getStatus().conditions().stream()
                    .anyMatch(c -> c.reason().equals("InvalidIdentity")));
    key(HOST.text(), "no key at all");
    await(
        "word of the other",
        PATIENCE,
        () -> host(HOST.text()),
        host ->
            host.getStatus().conditions().stream()
                .anyMatch(c -> c.message().contains("can't be read")));
    key(HOST.text(), HOST.privateKey());
    awaitHost(HOST.text(), isTrue());
  }

  @Test
  void aNewKeyIsProvenAndUsedWithoutARestart(@TempDir Path directory) throws IOException {
    declare(HOST);
    awaitHost(HOST.text(), isTrue());
    Path key = directory.resolve("key");
    Lab.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));

    key(HOST.text(), Files.readString(key));
    await(
        "the refusal of a key that the host does not know yet",
        PATIENCE,
        () -> host(HOST.text()),
        host ->
            host.getStatus().conditions().stream()
                .anyMatch(
                    c ->
                        c.type().equals("Reconciling")
                            && c.reason().equals("AuthenticationFailed")));
    assertThat(ready(host(HOST.text())).status())
        .as("the session of the old key is still in use")
        .isEqualTo("True");

    HOST.on(
        "echo '" + Files.readString(Path.of(key + ".pub")).strip() + "' >> ~/.ssh/authorized_keys");
    String print = Lab.run(List.of("ssh-keygen", "-lf", key + ".pub")).split(" ", -1)[1];
    // Annotating is how a person says "now": the pause after a refusal has grown.
    key(HOST.text(), Files.readString(key) + "\n");
    org.awaitility.Awaitility.await("a login by the new key")
        .atMost(Duration.ofSeconds(90))
        .until(() -> HOST.on("sudo journalctl -u ssh --since -5min --no-pager").contains(print));
    awaitHost(HOST.text(), isTrue());
    HOST.on("sed -i '$d' ~/.ssh/authorized_keys");
  }

  @Test
  void anAddressWhereNobodyAnswersIsUnreachable() {
    declare(HOST);
    edit(host -> host.replace("address: " + HOST.address(), "address: nowhere.invalid"));
    assertThat(ready(awaitHost(HOST.text(), isFalse("Unreachable"))).message())
        .contains("nowhere.invalid port 22: no such host name");
    edit(host -> host.replace("user:", "port: 2\n  user:"));
    soon("word of the port")
        .until(() -> ready(host(HOST.text())).message().contains("connection refused"));
    edit(UnaryOperator.identity());
    awaitHost(HOST.text(), isTrue());
  }

  @Test
  void aUserThatSudoAsksForAPasswordIsNotReady() {
    HOST.on(
        "id plain >/dev/null 2>&1 || sudo useradd -m -s /bin/sh plain; sudo mkdir -p"
            + " /home/plain/.ssh; sudo cp ~/.ssh/authorized_keys /home/plain/.ssh/; sudo chown -R"
            + " plain /home/plain/.ssh");
    declare(HOST);
    edit(host -> host.replace("user: " + HOST.user(), "user: plain"));
    assertThat(ready(awaitHost(HOST.text(), isFalse("SudoRefused"))).message())
        .contains("plain ALL=(ALL) NOPASSWD: ALL");
    HOST.on("echo 'plain ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/plain >/dev/null");
    awaitHost(HOST.text(), isTrue());
    HOST.on("sudo rm /etc/sudoers.d/plain");
  }

  @Test
  void aHostBehindAJumpHostIsReachedThroughIt() {
    declare(LabHost.ETHBIG);
    declare(HOST);
    edit(host -> host.replace("sudo:", "jumpHost: bastion\n  sudo:"));
    assertThat(ready(awaitHost(HOST.text(), isFalse("JumpHostNotFound"))).message())
        .contains("the jump host bastion does not exist");
    edit(host -> host.replace("sudo:", "jumpHost: ethbig\n  sudo:"));
    awaitHost(HOST.text(), isTrue());
    assertThat(HOST.on("sudo ss -Htn state established '( sport = :22 )'"))
        .as("a session comes from the jump host's address")
        .contains(LabHost.ETHBIG.address() + ":");
  }

  @Test
  void aRebootIsNoticedByItsBootId() {
    declare(HOST);
    String before =
        Objects.requireNonNull(status(awaitHost(HOST.text(), isTrue())).facts()).bootId();
    Lab.command("reboot", HOST.text());
    await(
        "another boot id",
        PATIENCE,
        () -> host(HOST.text()),
        host -> !Objects.equals(Objects.requireNonNull(status(host).facts()).bootId(), before));
    awaitHost(HOST.text(), isTrue());
    soon("the event")
        .until(
            () ->
                client.events().v1().events().inNamespace(namespace).list().getItems().stream()
                    .anyMatch(event -> event.getReason().equals("Rebooted")));
  }

  /** Applies the declaration of the host anew, with a change. */
  private void edit(UnaryOperator<String> change) {
    apply(
        change.apply(
            """
            apiVersion: drydock.dev/v1alpha1
            kind: Host
            metadata: {name: %s}
            spec:
              address: %s
              user: %s
              identity: {secretName: %s}
              hostKeys: [%s]
              sudo: Passwordless
              probe: {interval: 10s, timeout: 5s}
            """
                .formatted(HOST.text(), HOST.address(), HOST.user(), HOST.text(), HOST.hostKey())));
  }

  private static HostStatus status(Host host) {
    return Objects.requireNonNull(host.getStatus());
  }

  private static Condition ready(Host host) {
    return status(host).conditions().stream()
        .filter(condition -> condition.type().equals("Ready"))
        .findFirst()
        .orElseThrow();
  }
}
