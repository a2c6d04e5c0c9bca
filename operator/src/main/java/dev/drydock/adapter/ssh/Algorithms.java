package dev.drydock.adapter.ssh;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * What an SSH session may be negotiated to. Host key algorithms are those of the pinned keys alone,
 * so that a host can't be talked into showing another one. Ciphers are AES-GCM and AES-CTR, which
 * the Terrapin attack (CVE-2023-48795) does not concern.
 */
final class Algorithms {
  private static final String KEX =
      "mlkem768x25519-sha256,curve25519-sha256,curve25519-sha256@libssh.org,"
          + "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
          + "diffie-hellman-group16-sha512,diffie-hellman-group14-sha256";
  private static final String CIPHERS =
      "aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes128-ctr";
  private static final String MACS =
      "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";
  private static final String USER_KEYS =
      "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,"
          + "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp256,"
          + "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp384,"
          + "ecdsa-sha2-nistp521-cert-v01@openssh.com,ecdsa-sha2-nistp521,"
          + "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
          + "rsa-sha2-512,rsa-sha2-256";

  private Algorithms() {}

  /** JSch's settings for a session to a host whose pinned keys are {@code hostKeys}. */
  static Properties forPinned(List<String> hostKeys) {
    var config = new Properties();
    config.setProperty("StrictHostKeyChecking", "yes");
    config.setProperty("PreferredAuthentications", "publickey");
    // One request fewer each: the method and the key are known to be the only ones.
    config.setProperty("enable_auth_none", "no");
    config.setProperty("enable_pubkey_auth_query", "no");
    config.setProperty("MaxAuthTries", "1");
    config.setProperty("kex", KEX);
    config.setProperty("cipher.c2s", CIPHERS);
    config.setProperty("cipher.s2c", CIPHERS);
    config.setProperty("mac.c2s", MACS);
    config.setProperty("mac.s2c", MACS);
    config.setProperty("PubkeyAcceptedAlgorithms", USER_KEYS);
    config.setProperty("server_host_key", String.join(",", offered(hostKeys)));
    config.setProperty("prefer_known_host_key_types", "no");
    return config;
  }

  private static Set<String> offered(List<String> hostKeys) {
    var algorithms = new LinkedHashSet<String>();
    for (String key : hostKeys) {
      String type = key.substring(0, Math.max(0, key.indexOf(' ')));
      if (type.equals("ssh-rsa")) {
        // RFC 8332: the key type keeps its name, the signature is SHA-2.
        algorithms.add("rsa-sha2-512");
        algorithms.add("rsa-sha2-256");
      } else {
        algorithms.add(type);
      }
    }
    return algorithms;
  }
}
