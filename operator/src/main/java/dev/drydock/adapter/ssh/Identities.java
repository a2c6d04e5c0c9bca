package dev.drydock.adapter.ssh;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.port.HostShell.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Reads a private key as strictly as possible, so that what is wrong is said before a login. */
final class Identities {
  private static final Set<Integer> SUPPORTED =
      Set.of(KeyPair.ED25519, KeyPair.ECDSA, KeyPair.RSA, KeyPair.ED448);

  private Identities() {}

  /** Hands the key to {@code jsch}, or says why it can't be used. */
  static void add(JSch jsch, Identity identity) throws HostFailure {
    check(jsch, identity);
    try {
      jsch.addIdentity(
          "identity",
          utf8(identity.privateKey()),
          identity.certificate() == null ? null : utf8(identity.certificate()),
          identity.passphrase() == null ? null : utf8(identity.passphrase()));
    } catch (JSchException e) {
      throw invalid(
          identity.certificate() == null
              ? "the private key can't be used: " + Refusals.text(e)
              : "the SSH certificate does not fit the private key: " + Refusals.text(e));
    }
  }

  private static void check(JSch jsch, Identity identity) throws HostFailure {
    KeyPair pair;
    try {
      pair = KeyPair.load(jsch, utf8(identity.privateKey()), null);
    } catch (JSchException | RuntimeException e) {
      throw invalid(
          "the private key can't be read: it must be a key file in OpenSSH or PEM format, as"
              + " ssh-keygen writes it");
    }
    try {
      String passphrase = identity.passphrase();
      if (pair.isEncrypted() && passphrase == null) {
        throw invalid(
            "the private key is encrypted: add its passphrase to the Secret under the key"
                + " 'passphrase'");
      }
      if (pair.isEncrypted() && passphrase != null && !pair.decrypt(utf8(passphrase))) {
        throw invalid("the passphrase in the Secret does not open the private key");
      }
      if (!SUPPORTED.contains(pair.getKeyType())) {
        throw invalid(
            "the private key is of a type that is not supported: use Ed25519, ECDSA or RSA");
      }
    } finally {
      pair.dispose();
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static HostFailure invalid(String message) {
    return new HostFailure(Failure.INVALID_IDENTITY, message);
  }
}
