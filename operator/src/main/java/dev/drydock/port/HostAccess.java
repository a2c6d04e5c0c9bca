package dev.drydock.port;

import java.util.List;
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
   * @param privateKey a key file's text, in OpenSSH's or PEM format
   * @param passphrase null if the key is not encrypted
   * @param certificate an OpenSSH user certificate, or null
   */
  public record Identity(
      String privateKey, @Nullable String passphrase, @Nullable String certificate) {

    /** Without the secret parts, since records end up in logs. */
    @Override
    public String toString() {
      return "Identity[…]";
    }
  }
}
