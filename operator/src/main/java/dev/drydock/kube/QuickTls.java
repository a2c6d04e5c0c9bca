package dev.drydock.kube;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import javax.net.ssl.SSLParameters;

/**
 * TLS to the API server by ChaCha20-Poly1305, where that has it. The operator runs without the
 * JVM's second compiler, and so without the processor's instructions for AES-GCM, which takes four
 * times as long. Go's servers go by a client's order.
 */
final class QuickTls extends JdkHttpClientFactory {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** All that a Go server offers by itself. */
  private static final String[] CIPHERS = {
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  };

  @Override
  protected void additionalConfig(HttpClient.Builder builder) {
    builder.sslParameters(new SSLParameters(CIPHERS, PROTOCOLS));
  }
}
