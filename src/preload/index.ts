import {contextBridge} from 'electron'; contextBridge
