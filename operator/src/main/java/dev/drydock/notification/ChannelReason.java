package dev.drydock.notification;

/** Why a channel is ready, or is not. */
enum ChannelReason {
  /** The service has accepted a message. */
  DeliverySucceeded,
  /** A test message is on its way, or waits for its turn. */
  Testing,
  /** No message was sent yet, and no test is wanted. */
  NotUsedYet,
  /** The service could not be reached, or asked for patience; it is tried again. */
  DeliveryFailed,
  /** The service said no, and will until something is changed. */
  DeliveryRefused,
  /** A Secret that the channel names is not there. */
  SecretNotFound,
  /** A Secret lacks a key, or holds what can't be used. */
  InvalidSecret,
  /** The spec says nothing that can be used. */
  InvalidSpec
}
