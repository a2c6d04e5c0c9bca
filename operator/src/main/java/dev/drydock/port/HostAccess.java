package dev.drydock.port;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to reach one host over SSH.
 *
 * @param name the host's {@code namespace/name}: the key under which its session is kept
 * @param hostKeys pinned keys as {@code type base64}; no other is accepted
 * @param jump the host whose SSH server forwards to this one, or null for a direct connection
 */
public record HostAccess(
    String name,
    String address,
    int port,
    String user,
    Identity identity,
    List<String> hostKeys,
    @Nullable HostAccess jump) {

  public HostAccess {
    hostKeys = List.copyOf(hostKeys);
  }

  /**
   * A private key, and what goes with it.
   *
   * @param privateKey a key file's bytes, in OpenSSH's or PEM format
   * @param passphrase null if the key is not encrypted
   * @param certificate an OpenSSH user certificate, or null
   */
  public record Identity(
      byte[] privateKey, byte @Nullable [] passphrase, byte @Nullable [] certificate) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Identity that
          && Arrays.equals(privateKey, that.privateKey)
          && Arrays.equals(passphrase, that.passphrase)
          && Arrays.equals(certificate, that.certificate);
    }

    @Override
    public int hashCode() {
      return Objects.hash(
          Arrays.hashCode(privateKey), Arrays.hashCode(passphrase), Arrays.hashCode(certificate));
    }

    /** Without the secret parts, since records end up in logs. */
    @Override
    public String toString() {
      return "Identity[…]";
    }
  }
}
